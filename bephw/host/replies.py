"""The stream of replies: answers of commands, in their order, and predictions, in theirs, between them."""

from __future__ import annotations

from collections import deque

from bephw.boards.link.protocol import TAG
from bephw.host.errors import LinkError

__all__ = ["Replies"]


class Replies:
    """Divides the stream.

    Attributes:
        answers: what followed the tag, of every answer that has come and has not been taken.
        predictions: payloads of the trainer's prediction stream, likewise.
    """

    def __init__(self) -> None:
        self._sizes: deque[int] = deque()
        self.prediction_bytes = 1
        self.answers: deque[bytes] = deque()
        self.predictions: list[int] = []

    def expect(self, size: int) -> None:
        """An answer of so many bytes, its tag included."""
        self._sizes.append(size)

    def take(self, stream: bytearray) -> None:
        """Remove from `stream` what is complete. Raises `LinkError` for an answer that nobody asked for."""
        at = 0
        while at < len(stream):
            predicted = stream[at] & 1
            if not predicted and (stream[at] != TAG or not self._sizes):
                raise LinkError(f"the board answers what it was not asked: byte {stream[at]:#04x}")
            size = self.prediction_bytes if predicted else self._sizes[0]
            if at + size > len(stream):
                break
            reply = stream[at : at + size]
            if predicted:
                self.predictions.append(int.from_bytes(reply, "little") >> 1)
            else:
                self._sizes.popleft()
                self.answers.append(bytes(reply[1:]))
            at += size
        del stream[:at]
