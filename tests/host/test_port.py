"""bephw.host.port, and the whole host: over a socket and a pseudo-terminal to the board in plain Python."""

import gc
import os
import select
import socket
import sys
import threading

import numpy as np
import pytest

from bephw.boards.link.identity import identity_block
from bephw.boards.link.sizes import LinkSizes
from bephw.errors import BephwError
from bephw.host.board import connect
from bephw.host.errors import LinkError
from bephw.host.port import open_port
from bephw.settings import Settings
from tests.host.model_board import ModelBoard

SETTINGS = Settings.build(network={"sizes": [8, 6], "classes": 64})
SIZES = LinkSizes(window=4096)


class Served:
    """The model at the other end of a file descriptor, in a thread, until it is closed."""

    def __init__(self, descriptor):
        self.board = ModelBoard(identity_block(SETTINGS, SIZES), SIZES.window, SIZES.replies)
        self._descriptor, self._stop = descriptor, threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        while not self._stop.is_set():
            if select.select([self._descriptor], [], [], 0.01)[0]:
                try:
                    received = os.read(self._descriptor, 4096)
                except OSError:  # a pseudo-terminal that nobody has open
                    continue
                if not received:
                    return
                self.board.feed(received)
            self.board.work()
            while report := self.board.report():
                os.write(self._descriptor, report)

    def end(self):
        self._stop.set()
        self._thread.join()


@pytest.fixture
def by_socket():
    """The URL, and what is there."""
    with socket.create_server(("localhost", 0)) as server:
        accepted = []

        def accept():
            accepted.append(server.accept()[0])
            accepted.append(Served(accepted[0].fileno()))

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"socket://localhost:{server.getsockname()[1]}", accepted
        thread.join()
        accepted[1].end()
        accepted[0].close()


@pytest.fixture
def by_terminal():
    import tty

    ours, theirs = os.openpty()
    tty.setraw(theirs)
    served = Served(ours)
    yield os.ttyname(theirs), served
    served.end()
    os.close(theirs)
    os.close(ours)


def check(board, served):
    """The model predicts the sum of a sample's bytes modulo 128, and keeps registers."""
    bits = np.random.default_rng(1).integers(0, 2, (3000, 8), np.uint8)
    bits[:, 6:] = 0  # no class is higher
    found = board.stream(bits, np.zeros(len(bits), int))
    assert found.label.tolist() == np.packbits(bits, axis=1, bitorder="little")[:, 0].tolist()
    board.write("batch", 77)
    assert board.read("batch", "margin") == [77, 0]
    assert len(served.board.samples) == 3000 and not served.board.overflow


def test_a_socket(by_socket):
    url, accepted = by_socket
    board = connect(url, SETTINGS)
    with board.connection:
        check(board, accepted[1])


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
def test_a_pseudo_terminal(by_terminal):
    url, served = by_terminal
    board = connect(url, SETTINGS.replace({"board.baud": 115_200}))
    with board.connection:
        check(board, served)
        with pytest.raises(BephwError, match=rf"port {url} cannot be opened: .*lock"):
            open_port(url, 115_200)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_port_that_is_gone(by_socket):
    """pyserial leaves a socket open whose other end is gone: it is collected here, where that may be said."""
    url, accepted = by_socket
    board = connect(url, SETTINGS)
    with board.connection:
        accepted[1].end()
        accepted[0].shutdown(socket.SHUT_RDWR)
        with pytest.raises(LinkError, match=r"port .* is gone: "):
            board.read("batch")
    del board
    gc.collect()


@pytest.mark.parametrize("url", ["/dev/no_such_port", "socket://localhost:1", "nonsense://x"])
def test_a_port_that_cannot_be_opened(url):
    with pytest.raises(BephwError, match=f"port {url} cannot be opened: "):
        open_port(url, 1_000_000)
