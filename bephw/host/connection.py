"""A link over a port: what a session wants to send goes out, what comes goes into it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from bephw.boards.link.identity import HEAD, read_identity
from bephw.boards.link.protocol import PAGE
from bephw.boards.link.sizes import LinkSizes
from bephw.errors import BephwError
from bephw.host.commands import Command, read_page
from bephw.host.replies import Replies
from bephw.host.session import Session

__all__ = ["Connection", "Port", "open_port"]

POLL = 0.005
"""Seconds that reading waits for a byte."""


class Port(Protocol):
    """As pyserial has it, with a timeout."""

    @property
    def in_waiting(self) -> int: ...

    def read(self, size: int = 1, /) -> bytes: ...

    def write(self, data: bytes, /) -> int | None: ...

    def close(self) -> None: ...


def open_port(url: str, baud: int) -> Port:
    """Any URL of pyserial's: a device, "socket://localhost:4000". Raises `BephwError` where it cannot be opened."""
    import serial

    try:
        return serial.serial_for_url(url, baudrate=baud, timeout=POLL)
    except (serial.SerialException, ValueError, OSError) as error:
        raise BephwError(f"port {url} cannot be opened: {error}") from error


class Connection:
    """A board that has begun anew for this host, and has said who it is.

    Args:
        port: opened; closed with the connection.
        session: of the link, fresh.
        clock: seconds.

    Attributes:
        identity: what the board says of itself (`bephw.boards.link.identity.describe`).
        predictions: payloads of the prediction stream that have come; whoever takes them removes them.

    Raises `LinkError`, anywhere, where the board does not answer or was reset, and `BephwError` where it speaks another
    version of the protocol.
    """

    def __init__(self, port: Port, session: Session | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._port = port
        self._clock = clock
        self._replies = Replies()
        self.session = session or Session()
        self.until(lambda: self.session.opened)
        self.identity = self._identify()
        sizes = self.identity
        self.session.use(LinkSizes(window=sizes["window"], replies=sizes["replies"]))
        self._replies.prediction_bytes = sizes["bytes"]["prediction"]

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """The port too."""
        self._port.close()

    @property
    def predictions(self) -> list[int]:
        return self._replies.predictions

    def submit(self, commands: Iterable[Command]) -> None:
        """Commands whose replies are predictions, or none."""
        self.session.submit(commands)

    def ask(self, commands: Iterable[Command]) -> list[bytes]:
        """The answers of commands that all have one, without their tags."""
        asked = list(commands)
        for command in asked:
            self._replies.expect(command.replies)
        self.session.submit(asked)
        answers = self._replies.answers
        self.until(lambda: len(answers) >= len(asked))
        return [answers.popleft() for _ in asked]

    def until(self, done: Callable[[], bool]) -> None:
        """Move bytes until something is so."""
        self.step(wait=False)
        while not done():
            self.step()

    def step(self, *, wait: bool = True) -> None:
        """Send what is to be sent; take what has come, or wait a moment for it."""
        if going := self.session.transmit(self._clock()):
            self._port.write(going)
        size = self._port.in_waiting
        if (size or wait) and (came := self._port.read(max(size, 1))):
            self.session.receive(came, self._clock())
            self._replies.take(self.session.replies)

    def _identify(self) -> dict[str, Any]:
        block = self._page(0)
        *_, length = HEAD.unpack_from(block)
        if block.startswith(b"bephw"):
            pages = range(1, -(-(HEAD.size + length) // PAGE))
            block += b"".join(self._page(page) for page in pages)
        return read_identity(block)

    def _page(self, page: int) -> bytes:
        (answer,) = self.ask([read_page(page)])
        return answer
