"""The store of a whole board under Verilator: loaded once, epochs on the board alone, the golden model's bits."""

from itertools import islice

import numpy as np
import pytest

from bephw.boards import board as board_named
from bephw.errors import BephwError
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.golden.stride_order import order, strides
from bephw.host import GoldenTrainer
from bephw.host import Trainer as BoardTrainer
from bephw.host.board import Board
from bephw.host.connection import Connection
from bephw.host.session import Session
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.virtual.board import VirtualBoard
from bephw.virtual.build import compile_board
from bephw.virtual.verilog import board_verilog

SMALL = Settings.build(
    network={"sizes": [7, 4, 3], "classes": 3},
    learning={"bits": 4, "batch": 5, "rates": 30_000, "r": 0.5, "seed": 3},
    hardware={"columns": 4, "stream_width": 5},
    board={"name": "icebreaker", "clock_mhz": 24, "baud": 3_000_000, "store": "bram"},
)
DIGITS = Settings.build(
    network={"sizes": [64, 15, 15], "classes": 10},
    learning={"bits": 6, "batch": 20, "gamma": 5, "p_r": 0.3, "seed": 1},
    hardware={"columns": 16, "stream_width": 8, "slots": 4},
    board={"name": "icebreaker", "clock_mhz": 24, "baud": 3_000_000, "store": "spram", "store_samples": 5000},
)
LOCAL = SMALL.replace({"learning.algorithm": "lbes", "board.store": "auto"})
RECURRENT = SMALL.replace(
    {
        "learning.algorithm": "bep-tt",
        "learning.nu": 0.5,
        "data.steps": 3,
        "board.name": "ulx3s-85f",
        "board.clock_mhz": 50.0,
        "board.baud": 3_125_000,
    }
)
SDRAM = RECURRENT.replace({"learning.algorithm": "bep", "data.steps": None, "board.store": "sdram"})
DESIGNS = {
    "small": SMALL,
    "digits": pytest.param(DIGITS, marks=pytest.mark.slow),
    "local": pytest.param(LOCAL, marks=pytest.mark.slow),
    "sdram": pytest.param(SDRAM, marks=pytest.mark.slow),
    "recurrent": pytest.param(RECURRENT, marks=pytest.mark.slow),
}


@pytest.fixture(scope="module", params=DESIGNS.values(), ids=DESIGNS)
def compiled(request, tmp_path_factory):
    settings = request.param
    verilog = board_verilog(board_named(settings.board.name), settings, lambda: Trainer(settings))
    return settings, compile_board(verilog, tmp_path_factory.mktemp("board"))


@pytest.fixture
def started(compiled):
    settings, program = compiled
    with VirtualBoard(program, settings.board.clock_mhz, settings.board.baud) as port:
        yield settings, port


def connected(settings, port):
    board = Board(Connection(port, Session(patience=0.002, silence=0.1), port.clock), settings)
    board.until_idle()
    return board


def samples_of(settings, count, steps=None):
    """With something to learn: a class is a pattern, of which a tenth of the bits is wrong."""
    rng = np.random.default_rng(1)
    steps = () if settings.data.steps is None else (steps or settings.data.steps,)
    patterns = rng.integers(0, 2, (settings.network.classes, *steps, settings.network.sizes[0]), np.uint8)
    y = rng.integers(0, settings.network.classes, count)
    return patterns[y] ^ (rng.random((count, *patterns.shape[1:])) < 0.1), y


def assert_equal(found, expected):
    arrays = expected.to_arrays()
    for name, array in found.to_arrays().items():
        assert array.tolist() == arrays[name].tolist(), name


def test_epochs_on_the_board_alone(started):
    settings, port = started
    start, count = initial_state(settings), 300 if settings is DIGITS else 60
    x, y = samples_of(settings, count)
    golden, board = GoldenModel(settings, start), connected(settings, port)
    board.load_state(start)
    board.store.load(x, y)
    for number, (first, stride) in enumerate(islice(strides(count, settings.learning.seed), 3)):
        golden.rates = tuple(20_000 - 5_000 * number + layer for layer in range(settings.network.layers))
        rows = order(count, first, stride)
        record = golden.train(x[rows], y[rows])
        golden.end_batch()
        found = board.store.run_epoch(golden.rates)
        assert (found.samples, found.counts["samples"]) == (count, count)
        assert found.correct == (record.prediction == y[rows]).sum()
        assert found is board.store.statistics
        assert_equal(board.read_state(), golden.state)
    assert board.store.epochs == 3 and golden.state.counters[0].any()
    expected = (golden.predict(x)[0] == y).sum()
    assert board.store.run_epoch(learn=False).correct == expected
    assert_equal(board.read_state(), golden.state)
    # Predictions come to the host again.
    assert board.stream(x[:3], y[:3]).label.tolist() == golden.train(x[:3], y[:3]).prediction.tolist()


def test_a_training_in_pieces(started, tmp_path):
    """With checkpoints within epochs; in a recurrent network, of series that are shorter than they may be."""
    settings, port = started
    x, y = samples_of(settings, 23, steps=2)
    options = {"test": (x[:7], y[:7]), "epochs": 2}
    golden = GoldenTrainer(settings).fit(x, y, **options)
    trainer = BoardTrainer(connected(settings, port), settings)
    trainer.fit(x, y, checkpoint=tmp_path / "c.npz", checkpoint_every=settings.learning.batch, **options)
    assert trainer.store is not None and trainer.store.samples == 23
    assert_equal(trainer.state, golden.state)
    told = [[(e.train_accuracy, e.test_accuracy, e.taught) for e in t.history] for t in (trainer, golden)]
    assert told[0] == told[1]
    trainer.fit(x, y, checkpoint=tmp_path / "c.npz", resume=True, **options | {"epochs": 3})
    assert_equal(trainer.state, golden.fit(x, y, **options | {"epochs": 3}).state)


def test_samples_stay_over_a_connection(started):
    settings, port = started
    x, y = samples_of(settings, 20)
    store = connected(settings, port).store
    assert not store.holds(x, y)
    store.load(x, y)
    again = connected(settings, port).store
    assert again.samples == 0 and again.holds(x, y) and again.samples == 20
    assert not again.holds(x[::-1], y[::-1])
    assert again.samples == 0


def test_what_does_not_fit(started):
    settings, port = started
    store = connected(settings, port).store
    x, y = samples_of(settings, 4)
    with pytest.raises(BephwError, match="the board's store has no samples: load them first"):
        store.run_epoch()
    with pytest.raises(BephwError, match=rf"y must be 0 to {settings.network.classes - 1}, not -1"):
        store.load(x, np.full(4, -1))
    with pytest.raises(BephwError, match=r"x must have shape \(n, .*\), not \(4, 3\)"):
        store.load(np.zeros((4, 3)), y)
    with pytest.raises(BephwError, match="y must have a label for each of 4 samples, not 3"):
        store.load(x, y[:3])
    with pytest.raises(BephwError, match=f"x must have 1 to {store.most} samples for this store, not 0"):
        store.load(x[:0], y[:0])
