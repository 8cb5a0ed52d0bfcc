"""bephw.boards.link.bridge: the host over real bit timing, and over a line that damages what it carries."""

import random

import numpy as np
import pytest

from bephw.boards.link.sizes import LinkSizes
from bephw.errors import BephwError
from bephw.host.board import Board
from bephw.host.commands import sample
from bephw.host.connection import Connection
from bephw.host.session import Session
from bephw.settings import Settings
from tests.boards.simulated_port import SimulatedPort, Wired

SETTINGS = Settings.build(network={"sizes": [8, 6], "classes": 100})
SIZES = LinkSizes(window=512, replies=128)
CLOCKS = 4  # a bit


def connected(stand_in, **line):
    port = SimulatedPort(Wired(SETTINGS, SIZES, CLOCKS, stand_in(SETTINGS)), **line)
    connection = Connection(port, Session(patience=0.03, silence=0.5), port.clock)
    return Board(connection, SETTINGS), port


def check(board, count, seed):
    """The stand-in predicts the label that it is told, and teaches when the data is odd; a register's value is its
    address."""
    rng = np.random.default_rng(seed)
    bits, labels = rng.integers(0, 2, (count, 8), np.uint8), rng.integers(0, 100, count)
    found = board.stream(bits, labels)
    assert found.label.tolist() == labels.tolist()
    assert found.taught.tolist() == bits[:, 0].astype(bool).tolist()
    assert board.read("batch", "status") == [5, 3]


def test_samples_and_registers(stand_in):
    board, _ = connected(stand_in)
    check(board, 100, 1)
    session = board.connection.session
    assert (session.resent, session.repeated, session.overflow) == (0, 0, False)


def test_full_rate(stand_in):
    """Bytes follow one another on the line to the board."""
    board, port = connected(stand_in)
    sent, start, count = port.sent, port.time, 400
    board.stream(np.zeros((count, 8), np.uint8), [1] * count)
    sent = port.sent - sent
    assert sent * 10 * CLOCKS * 1e-6 / (port.time - start) > 0.9
    assert sent / count < 5 * 1.1  # three bytes of a label, two of a word; and the ends of frames


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_a_line_that_damages(stand_in, seed):
    """Bytes are changed, lost or doubled, frames cut off, in both directions: nothing of it shows."""
    rng = random.Random(seed)

    def worse(data):
        """Bytes that are other ones, that are lost, that come twice."""
        return b"".join(
            bytes([byte ^ (rng.random() < 0.003) * rng.randrange(1, 256)] * rng.choices((1, 0, 2), (998, 1, 1))[0])
            for byte in data
        )

    def cut(data):
        if rng.random() < 0.2:
            return rng.choice((data[: rng.randrange(len(data) + 1)], data + data))
        return worse(data)

    board, _ = connected(stand_in, damage_sent=cut, damage_received=worse)
    check(board, 50, seed)
    session = board.connection.session
    assert session.resent + session.repeated > 1 and session.damaged > 0


def test_noise_before_the_first_word(stand_in):
    """A host that comes upon a board in the middle of something."""
    port = SimulatedPort(Wired(SETTINGS, SIZES, CLOCKS, stand_in(SETTINGS)))
    port.write(random.Random(1).randbytes(600) + b"\x7e\x01")
    board = Board(Connection(port, Session(patience=0.03, silence=0.5), port.clock), SETTINGS)
    check(board, 20, 1)


def test_a_second_host(stand_in):
    """The first one leaves in the middle of a frame, with samples under way."""
    board, port = connected(stand_in)
    board.connection.submit(part for label in range(90) for part in sample(np.array([[1]], np.uint8), label, 2))
    board.connection.step()
    port.write(b"\x7e\x12\x34")
    again = Board(Connection(port, Session(patience=0.03, silence=0.5), port.clock), SETTINGS)
    check(again, 20, 2)


def test_another_trainer(stand_in):
    port = SimulatedPort(Wired(SETTINGS, SIZES, CLOCKS, stand_in(SETTINGS)))
    connection = Connection(port, Session(patience=0.03, silence=0.5), port.clock)
    other = SETTINGS.replace({"network.sizes": [8, 5]})
    with pytest.raises(BephwError, match=r"the board has another trainer: its sizes must be \[8, 5\], not \[8, 6\]"):
        Board(connection, other)
