"""Frames of docs/link.md, as bytes on the line."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from bephw.boards.link.protocol import (
    ESCAPE,
    FCS_BYTES,
    FLAG,
    INVERTED,
    OPENED,
    OVERFLOW,
    POSITIONS,
    REPLY_POSITIONS,
    RESTART,
    STATUS_BYTES,
)

__all__ = ["LONGEST", "FrameReader", "Report", "frame", "read_report", "to_board"]

LONGEST = 1024
"""Bytes between flags that are looked at: a board's frames are shorter."""

_FLAG, _ESCAPE = bytes([FLAG]), bytes([ESCAPE])
_ESCAPED_FLAG, _ESCAPED_ESCAPE = bytes([ESCAPE, FLAG ^ INVERTED]), bytes([ESCAPE, ESCAPE ^ INVERTED])


@dataclass(frozen=True)
class Report:
    """A frame from the board: what it has got, and some of its replies.

    Attributes:
        accepted, consumed: positions in the commands; `consumed` modulo twice the window.
        position: of the first of `replies`.
        opened, overflow: flags of docs/link.md.
    """

    accepted: int
    consumed: int
    position: int
    opened: bool
    overflow: bool
    replies: bytes


def frame(body: bytes) -> bytes:
    """Between flags, with its check sequence, and with escapes."""
    whole = body + zlib.crc32(body).to_bytes(FCS_BYTES, "little")
    return _FLAG + whole.replace(_ESCAPE, _ESCAPED_ESCAPE).replace(_FLAG, _ESCAPED_FLAG) + _FLAG


def to_board(position: int, commands: bytes, *, restart: bool = False) -> bytes:
    """A frame of commands at a position."""
    return frame(struct.pack(">H", position % POSITIONS | (RESTART if restart else 0)) + commands)


def read_report(body: bytes) -> Report | None:
    """Of a frame from the board without its check sequence; None where it is too short to be one."""
    if len(body) < STATUS_BYTES:
        return None
    accepted, consumed, position = struct.unpack_from(">HHH", body)
    return Report(
        accepted=accepted % POSITIONS,
        consumed=consumed & ~(OPENED | OVERFLOW),
        position=position % REPLY_POSITIONS,
        opened=bool(consumed & OPENED),
        overflow=bool(consumed & OVERFLOW),
        replies=body[STATUS_BYTES:],
    )


class FrameReader:
    """Finds frames among the bytes of a line, whatever else there is.

    Attributes:
        damaged: frames so far that were cut, too long, or had a wrong check sequence.
    """

    def __init__(self) -> None:
        self._pending = bytearray()
        self.damaged = 0

    def feed(self, received: bytes) -> Iterator[bytes]:
        """The bodies of frames that are complete now and right, without their check sequences."""
        *whole, last = (bytes(self._pending) + received).split(_FLAG)
        # What is too long to be a frame is not kept, but remembered to be none.
        self._pending = bytearray(last[: LONGEST + 1])
        for part in whole:
            if part:
                body = self._body(part)
                if body is None:
                    self.damaged += 1
                else:
                    yield body

    @staticmethod
    def _body(part: bytes) -> bytes | None:
        if len(part) > LONGEST or part.endswith(_ESCAPE):
            return None
        first, *escaped = part.split(_ESCAPE)
        if not all(escaped):
            return None
        whole = first + b"".join(bytes([piece[0] ^ INVERTED]) + piece[1:] for piece in escaped)
        body, sequence = whole[:-FCS_BYTES], whole[-FCS_BYTES:]
        return body if len(whole) > FCS_BYTES and zlib.crc32(body).to_bytes(FCS_BYTES, "little") == sequence else None
