"""A link over a port: what a session wants to send goes out, what comes goes into it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from bephw.boards.link.identity import HEAD, read_identity
from bephw.boards.link.protocol import PAGE
from bephw.boards.link.sizes import LinkSizes
from bephw.host.commands import Command, read_page
from bephw.host.port import Port
from bephw.host.replies import Replies
from bephw.host.session import Session

__all__ = ["Connection"]


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
        *_, self._replies.prediction_bytes = sizes["bytes"]

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
        self._send()
        while not done():
            self.step()

    def step(self) -> None:
        """Send what is to be sent; take what has come, or wait a moment for it."""
        self._send()
        if came := self._port.read():
            self.session.receive(came, self._clock())
            self._replies.take(self.session.replies)

    def _send(self) -> None:
        if going := self.session.transmit(self._clock()):
            self._port.write(going)

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
