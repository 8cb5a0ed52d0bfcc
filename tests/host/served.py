"""A board in plain Python at the other end of a TCP port, in a thread: one host after another."""

import contextlib
import select
import socket
import threading


@contextlib.contextmanager
def served(board):
    """The URL. `board` is one of `ModelBoard`'s kind."""
    stop = threading.Event()
    with socket.create_server(("localhost", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, board, stop))
        thread.start()
        try:
            yield f"socket://localhost:{server.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()


def _serve(server, board, stop):
    while not stop.is_set():
        if select.select([server], [], [], 0.01)[0]:
            line, _ = server.accept()
            with line, contextlib.suppress(OSError):
                _answer(line, board, stop)


def _answer(line, board, stop):
    while not stop.is_set():
        if select.select([line], [], [], 0.01)[0]:
            received = line.recv(4096)
            if not received:
                return
            board.feed(received)
        board.work()
        while report := board.report():
            line.sendall(report)
