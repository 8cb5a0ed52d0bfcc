"""What host and board agree on, in numbers: docs/link.md says what they mean. Used by the gateware and by the host."""

from __future__ import annotations

from enum import IntEnum

from amaranth.lib.crc import Algorithm
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC

from bephw.settings import Settings
from bephw.shape import ceil_div

__all__ = [
    "BLOCK",
    "ESCAPE",
    "FCS",
    "FCS_BYTES",
    "FLAG",
    "INVERTED",
    "OPENED",
    "OVERFLOW",
    "PAGE",
    "POSITIONS",
    "REPLY_POSITIONS",
    "RESTART",
    "STATUS_BYTES",
    "TAG",
    "UNITS",
    "VERSION",
    "Operation",
    "Target",
    "element_bytes",
    "prediction_bytes",
    "word_bytes",
]

VERSION = 1
"""Of everything in docs/link.md. How frames look, RESTART and IDENTITY are the same in all versions."""

# Frames: bytes between flags, as in RFC 1662.
FLAG = 0x7E
ESCAPE = 0x7D
INVERTED = 0x20  # of an escaped byte
FCS: Algorithm = CRC32_ISO_HDLC
"""The frame check sequence, that of RFC 1662 and of zlib.crc32."""
FCS_BYTES = 4

# Positions in the stream of commands, and in that of replies, count bytes modulo these.
POSITIONS = 1 << 15
REPLY_POSITIONS = 1 << 12

RESTART = 1 << 15
"""In the position of a frame to the board: begin anew."""

# A frame from the board begins with three numbers of two bytes, the highest first.
STATUS_BYTES = 6
OPENED = 1 << 15
"""In the second number: there was a RESTART since the board came up."""
OVERFLOW = 1 << 14
"""In the second number: since the last RESTART a frame did not fit the window; it was dropped."""

BLOCK = 64
"""A frame from the board ends where the position in the replies is a multiple of this, or earlier."""

TAG = 0x00
"""First byte of a reply that is no prediction: those have bit 0 set."""

UNITS = 32
"""The most units, words or elements, in a command."""

PAGE = 32
"""Bytes in a page of the identity block."""


class Operation(IntEnum):
    """Bits 2-0 of a command's first byte; bits 7-3 are how many units there are, less one."""

    NOP = 0
    SET = 1
    WRITE = 2
    READ = 3
    WORDS = 4
    LOAD = 5
    DUMP = 6
    IDENTITY = 7


class Target(IntEnum):
    """What SET sets, in the place of the number of units."""

    ADDRESS = 0
    LABEL = 1
    REPLIES = 2


def word_bytes(settings: Settings) -> int:
    """In a word of the sample stream."""
    return ceil_div(settings.hardware.stream_width, 8)


def element_bytes(settings: Settings) -> int:
    """In an element of the state."""
    return ceil_div(settings.learning.bits, 8)


def prediction_bytes(settings: Settings) -> int:
    """In a prediction: a mark, the class, whether the sample taught (a bit for every classifier that may)."""
    return ceil_div(1 + len(settings.classifier_shapes) + (settings.network.classes - 1).bit_length(), 8)
