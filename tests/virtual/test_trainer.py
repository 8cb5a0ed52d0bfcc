"""The real trainer on virtual boards: loaded, trained and read back by the host alone, over lines that are bad."""

import numpy as np
import pytest

from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.host.board import Board
from bephw.host.connection import Connection
from bephw.host.errors import LinkError
from bephw.host.session import Session
from bephw.settings import Settings
from bephw.virtual.board import VirtualBoard
from tests.host.bad_line import BadLine, Damaged
from tests.virtual.conftest import PERCEPTRON, compiled_board

RECURRENT = Settings.build(
    network={"sizes": [7, 4, 3], "classes": 3},
    learning={"algorithm": "bep-tt", "bits": 10, "batch": 5, "rates": 30_000, "r": 0.5, "nu": 0.5, "seed": 3},
    hardware={"columns": 4, "stream_width": 5, "profile": False},
    data={"steps": 3},
    board={"name": "ulx3s-85f", "clock_mhz": 50, "baud": 3_125_000},
)


@pytest.fixture(
    scope="module",
    params=[PERCEPTRON, pytest.param(RECURRENT, marks=pytest.mark.slow)],
    ids=["perceptron", "recurrent"],
)
def compiled(request):
    """Settings, and the program."""
    if request.param is PERCEPTRON:
        return PERCEPTRON, request.getfixturevalue("perceptron")
    return request.param, compiled_board(request.param, request.getfixturevalue("tmp_path_factory"))


@pytest.fixture
def started(compiled):
    settings, program = compiled
    with VirtualBoard(program, settings.board.clock_mhz, settings.board.baud) as port:
        yield settings, port


def connected(settings, port, through=None):
    board = Board(Connection(through or port, Session(patience=0.002, silence=0.1), port.clock), settings)
    board.until_idle()
    return board


def samples_of(settings, count, seed):
    """Of a recurrent network with fewer steps than the most."""
    rng = np.random.default_rng(seed)
    shape = (2, 7) if settings.recurrent else (7,)
    return rng.integers(0, 2, (count, *shape), np.uint8), rng.integers(0, 3, count)


def load(board, settings, state):
    board.load_state(state)
    if settings.recurrent:
        board.write("steps", 2)


def assert_equal(found, expected):
    arrays = expected.to_arrays()
    for name, array in found.to_arrays().items():
        assert array.tolist() == arrays[name].tolist(), name


def train(board, golden, x, y):
    """Both, with an end of the batch; their predictions are equal."""
    expected = golden.train(x, y)
    golden.end_batch()
    found = board.stream(x, y)
    board.end_batch()
    assert found.label.tolist() == expected.prediction.tolist()
    assert found.taught.tolist() == expected.taught.astype(bool).tolist()


def test_it_learns_what_the_golden_model_learns(started):
    settings, port = started
    start = initial_state(settings)
    golden, board = GoldenModel(settings, start), connected(settings, port)
    load(board, settings, start)
    assert_equal(board.read_state(), start)
    train(board, golden, *samples_of(settings, 57, 1))
    assert_equal(board.read_state(), golden.state)
    assert any((a != b).any() for a, b in zip(golden.state.counters, start.counters, strict=True))
    assert board.statistics()["samples"] == 57


def test_over_a_bad_line_it_learns_the_same(started):
    settings, port = started
    start = initial_state(settings)
    going, coming = BadLine(1, share=0.3), BadLine(2, share=0.3)
    golden, board = GoldenModel(settings, start), connected(settings, port, Damaged(port, going, coming))
    load(board, settings, start)
    for seed in range(3):
        train(board, golden, *samples_of(settings, 101, seed))
        assert_equal(board.read_state(), golden.state)
    assert board.statistics()["samples"] == 303
    assert going.counts.total() > 10 and coming.counts.total() > 10


def test_damaged_frames_change_no_counter(started):
    """Those of a whole training, each damaged, at a board that has been trained: of its state and statistics nothing
    changes, and neither does the place in the stream of words."""
    settings, port = started
    start = initial_state(settings)
    golden, board = GoldenModel(settings, start), connected(settings, port)
    load(board, settings, start)
    recorded = []
    listening = Damaged(port, going=lambda data: recorded.append(data) or data)
    board.connection._port = listening
    train(board, golden, *samples_of(settings, 30, 1))
    state, statistics = board.read_state(), board.statistics()
    board.connection._port = port
    damage = BadLine(7, share=1, kinds=("wrong", "cut", "late", "old", "garbage"))
    for _ in range(12):
        for data in recorded:
            port.write(damage(data))
            port.drain()
    assert damage.counts.total() > 100
    assert board.statistics() == statistics
    assert_equal(board.read_state(), state)
    train(board, golden, *samples_of(settings, 30, 2))
    assert_equal(board.read_state(), golden.state)


@pytest.mark.parametrize("cycles", [500, 4000, 20_000])
def test_switched_off_in_the_middle_it_goes_on_from_what_was_saved(started, cycles):
    settings, port = started
    start = initial_state(settings)
    golden, board = GoldenModel(settings, start), connected(settings, port)
    load(board, settings, start)
    train(board, golden, *samples_of(settings, 23, 1))
    saved = board.read_state()

    x, y = samples_of(settings, 1500, 2)
    until = port.cycles + cycles

    def switch_off(_):
        if port.cycles >= until:
            port.power_up()

    with pytest.raises(LinkError):
        board.stream(x, y, on_predictions=switch_off)

    board = connected(settings, port)
    load(board, settings, saved)
    train(board, golden, *samples_of(settings, 40, 3))
    assert_equal(board.read_state(), golden.state)
