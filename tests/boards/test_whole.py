"""The real trainer behind the real serial line: loaded, trained and read back by the host alone."""

import numpy as np
import pytest

from bephw.boards.link.sizes import LEAST_SIZES
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.host.board import Board
from bephw.host.connection import Connection
from bephw.host.session import Session
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from tests.boards.simulated_port import SimulatedPort, Wired

SETTINGS = Settings.build(
    network={"sizes": [7, 4, 3], "classes": 3},
    learning={"bits": 4, "batch": 5, "rates": 30_000, "r": 0.5, "seed": 3},
    hardware={"columns": 4, "stream_width": 5, "profile": False},
)
RECURRENT = Settings.build(
    network={"sizes": [7, 4, 3], "classes": 3},
    learning={"algorithm": "bep-tt", "bits": 10, "batch": 5, "rates": 30_000, "r": 0.5, "nu": 0.5, "seed": 3},
    hardware={"columns": 4, "stream_width": 5, "profile": False},
    data={"steps": 3},
)


@pytest.mark.parametrize(
    ("settings", "sample"),
    [(SETTINGS, (7,)), pytest.param(RECURRENT, (2, 7), marks=pytest.mark.slow)],
    ids=["perceptron", "fewer steps than the most"],
)
def test_a_board_learns_what_the_golden_model_learns(settings, sample):
    start = initial_state(settings)
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 2, (7, *sample), np.uint8), rng.integers(0, 3, 7)
    golden = GoldenModel(settings, start)
    expected = golden.train(x, y)
    golden.end_batch()

    port = SimulatedPort(Wired(settings, LEAST_SIZES, 4, Trainer(settings)))
    board = Board(Connection(port, Session(patience=0.03, silence=0.5), port.clock), settings)
    board.until_idle()
    board.load_state(start)
    if settings.recurrent:
        board.write("steps", len(x[0]))
    found = board.stream(x, y)
    board.end_batch()
    state = board.read_state()

    assert found.label.tolist() == expected.prediction.tolist()
    assert found.taught.tolist() == expected.taught.astype(bool).tolist()
    arrays, before = golden.state.to_arrays(), start.to_arrays()
    for name, array in state.to_arrays().items():
        assert array.tolist() == arrays[name].tolist()
    assert any((array != before[name]).any() for name, array in arrays.items())
    assert board.statistics()["samples"] == 7
