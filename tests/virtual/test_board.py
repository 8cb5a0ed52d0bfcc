"""bephw.virtual: boards' whole designs, as they go to synthesis, with a few gates for a trainer, under Verilator."""

import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from bephw.boards import board as board_named
from bephw.errors import BephwError
from bephw.host.board import Board
from bephw.host.commands import sample
from bephw.host.connection import Connection
from bephw.host.errors import LinkError
from bephw.host.frames import frame, to_board
from bephw.host.session import Session
from bephw.settings import Settings
from bephw.virtual.board import VirtualBoard
from bephw.virtual.build import compile_board
from bephw.virtual.verilog import board_verilog
from tests.boards.conftest import StandIn
from tests.host.bad_line import KINDS, BadLine, Damaged

BOARDS = {
    "icebreaker": {"clock_mhz": 24, "baud": 3_000_000},
    "ulx3s-85f": {"clock_mhz": 50, "baud": 3_125_000},
}
PATIENCE, RECOVERY = 0.002, 0.01  # seconds of a board's time


def settings_of(name):
    return Settings.build(network={"sizes": [8, 6], "classes": 100}, board={"name": name, **BOARDS[name]})


@pytest.fixture(scope="module", params=["icebreaker", pytest.param("ulx3s-85f", marks=pytest.mark.slow)])
def design(request, tmp_path_factory):
    """Settings, and the compiled board."""
    settings = settings_of(request.param)
    verilog = board_verilog(board_named(request.param), settings, lambda: StandIn(settings))
    return settings, compile_board(verilog, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def started(design):
    """Settings, and the board, just switched on."""
    settings, program = design
    with VirtualBoard(program, settings.board.clock_mhz, settings.board.baud) as port:
        yield settings, port


def connected(settings, port, through=None, **session):
    patient = Session(**{"patience": PATIENCE, "silence": 0.1, **session})
    return Board(Connection(through or port, patient, port.clock), settings)


def check(board, count, seed):
    """The stand-in predicts the label that it is told, and teaches when the data is odd; a register's value is its
    address. A sample that came twice, or not, or in another place, would show."""
    rng = np.random.default_rng(seed)
    bits, labels = rng.integers(0, 2, (count, 8), np.uint8), rng.integers(0, 100, count)
    found = board.stream(bits, labels)
    assert found.label.tolist() == labels.tolist()
    assert found.taught.tolist() == bits[:, 0].astype(bool).tolist()
    assert board.read("batch", "status") == [5, 3]


def test_full_rate_in_both_directions(started):
    """A prediction of a byte comes back for each sample of five: neither direction waits for the other."""
    settings, port = started
    board = connected(settings, port)
    session = board.connection.session
    damaged = session.damaged  # a frame was under way, perhaps, when the board began anew
    before, count = port.clock(), 2000
    check(board, count, 2)
    bytes_a_second = settings.board.baud / 10
    assert count * 5 / (port.clock() - before) > 0.85 * bytes_a_second
    assert (session.resent, session.repeated, session.damaged, session.overflow) == (0, 0, damaged, False)


@pytest.mark.parametrize("error", [-0.02, 0.02])
def test_two_per_cent_off(design, error):
    settings, program = design
    with VirtualBoard(program, settings.board.clock_mhz, settings.board.baud * (1 + error)) as port:
        board = connected(settings, port)
        session = board.connection.session
        damaged = session.damaged
        check(board, 400, 1)
        assert (session.resent, session.repeated, session.damaged) == (0, 0, damaged)


@pytest.mark.parametrize("kind", KINDS)
def test_frames_that_are_damaged_change_nothing(started, kind):
    settings, port = started
    going, coming = BadLine(f"{kind} going", kinds=(kind,)), BadLine(f"{kind} coming", kinds=(kind,))
    board = connected(settings, port, Damaged(port, going, coming))
    check(board, 300, 1)
    assert going.counts[kind] >= 3 and coming.counts[kind] >= 3


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 10))])
def test_everything_at_once(started, seed):
    settings, port = started
    going, coming = BadLine(seed, share=0.4), BadLine(-seed, share=0.4)
    board = connected(settings, port, Damaged(port, going, coming))
    check(board, 500, seed)
    assert board.connection.session.resent + board.connection.session.repeated > 1


@pytest.mark.parametrize("seed", range(3))
def test_it_recovers_in_time(started, seed):
    """From the end of the garbage to the answer: no longer than it takes to ask again."""
    settings, port = started
    board, rng = connected(settings, port), random.Random(seed)
    for size in (1, 3, 50, 1500):
        port.write(rng.choice((b"", b"\x7e", b"\x7d", b"\x7e\x00\x7d")) + rng.randbytes(size))
        port.drain(lambda came: board.connection.session.receive(came, port.clock()))
        before = port.clock()
        assert board.read("batch") == [5]
        assert port.clock() - before < RECOVERY
    check(board, 20, seed)


def test_a_board_that_was_switched_off(started):
    """At any point: whoever used it is told, and may connect again."""
    settings, port = started
    for cycles in (0, 700, 3000, 9000, 20_000):
        board = connected(settings, port)
        check(board, 10, cycles)
        words = np.array([[1]], np.uint8)
        board.connection.submit(part for label in range(90) for part in sample(words, label, 1))
        until = port.cycles + cycles
        while port.cycles < until:
            board.connection.step()
        port.power_up()
        with pytest.raises(LinkError):
            board.read("batch")
    check(connected(settings, port), 50, 3)


def test_hosts_that_come_and_go(started):
    """In the middle of whatever: half a frame, half a command, replies under way."""
    settings, port = started
    rng = random.Random(1)
    for turn in range(12):
        board = connected(settings, port)
        words = rng.choice(([1] * 3, [1] * 200))
        board.connection.submit(sample(np.array([words], np.uint8).T, turn, 1))
        for _ in range(rng.randrange(6)):
            board.connection.step()
        port.write(to_board(5, b"12345678")[: rng.randrange(14)])
    check(connected(settings, port), 50, 1)


def test_a_frame_without_room_is_told(started):
    """From a host that does not keep to the window; it is dropped, and nothing else is."""
    settings, port = started
    board = connected(settings, port)
    session = board.connection.session
    # `DUMP` of a stand-in never waits, so it takes a label that is waited for: none. A long frame does not fit at once.
    port.write(to_board(session._end, bytes(5000)))
    check(board, 20, 1)
    assert session.overflow


def test_what_is_no_frame_of_ours_is_ignored(started):
    """Right check sequences of any content: no position fits but by chance, which these seeds do not have."""
    settings, port = started
    board, rng = connected(settings, port), random.Random(3)
    for _ in range(60):
        port.write(frame(rng.randbytes(rng.choice((0, 1, 2, 3, 30)))))
    check(board, 50, 1)


def test_another_trainer(started):
    settings, port = started
    other = settings.replace({"network.sizes": [8, 5]})
    with pytest.raises(BephwError, match=r"the board has another trainer: its sizes must be \[8, 5\], not \[8, 6\]"):
        connected(other, port)


def test_the_process_is_gone():
    with (
        VirtualBoard(Path(shutil.which("false")), 24, 3e6) as port,
        pytest.raises(BephwError, match="the virtual board ended with status 1"),
    ):
        port.read()
