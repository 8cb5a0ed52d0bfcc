"""The bytes between host and board: one table, used by the gateware and by the host.

All numbers are little-endian. A command is an operation byte and its fields; every command but NOP is answered by
one reply, whose first byte is the operation again:

| command | fields | reply |
|---|---|---|
| NOP 0x00 | - | none |
| WRITE 0x01 | register address (2), value (4) | - |
| READ 0x02 | register address (2) | value (4) |
| SAMPLE 0x03 | label (2), input bits, lowest index in bit 0 of byte 0; of every step | predicted class (2) |
| LOAD 0x04 | elements (2, at least 1), each element (2, two's complement) | - , when the last is taken |
| DUMP 0x05 | elements (2, at least 1) | each element (2, two's complement) |

Bit 7 of the operation in a reply to SAMPLE says that the sample taught; where every layer has a classifier, that it
taught one of them at least. Other operation bytes are ignored. Replies come in the order of their commands, except that
those to SAMPLE come when they are ready, in their own order.

A sample of a recurrent network is all its steps, first to last, each in whole bytes of its own: as many steps as
register `steps` says, which the board reads along when the host writes it. The host changes it while no sample is under
way.

Nothing is lost if the host keeps to one rule: **the commands that wait for their replies hold at most
`receive_bytes(settings)` bytes together.** The board buffers that many; a whole command always fits.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from bephw.settings import Settings
from bephw.shape import ceil_div

__all__ = [
    "LOAD_BLOCK",
    "TAUGHT",
    "Operation",
    "Prediction",
    "decode_elements",
    "decode_prediction",
    "decode_value",
    "encode_dump",
    "encode_load",
    "encode_read",
    "encode_sample",
    "encode_write",
    "receive_bytes",
    "reply_bytes",
    "sample_bytes",
]

TAUGHT = 0x80
LOAD_BLOCK = 128  # elements in a LOAD that the smallest receive buffer surely holds


class Operation(IntEnum):
    """First byte of a command, and of its reply."""

    NOP = 0x00
    WRITE = 0x01
    READ = 0x02
    SAMPLE = 0x03
    LOAD = 0x04
    DUMP = 0x05


@dataclass(frozen=True)
class Prediction:
    """The reply to a sample: the class, and whether the sample taught."""

    label: int
    taught: bool


def sample_bytes(settings: Settings) -> int:
    """Length of the longest SAMPLE command."""
    return 3 + (settings.data.steps or 1) * ceil_div(settings.network.sizes[0], 8)


def receive_bytes(settings: Settings) -> int:
    """Bytes that the board buffers: two samples or 512, whichever is more, up to a power of two."""
    return 1 << (max(512, 2 * sample_bytes(settings)) - 1).bit_length()


def reply_bytes(operation: int, elements: int = 0) -> int:
    """Length of a reply that starts with this byte; `elements` for DUMP."""
    return 1 + {Operation.READ: 4, Operation.SAMPLE: 2, Operation.DUMP: 2 * elements}.get(
        Operation(operation & ~TAUGHT), 0
    )


def encode_write(address: int, value: int) -> bytes:
    """Set a register; negative values are two's complement."""
    return struct.pack("<BHI", Operation.WRITE, address, value & 0xFFFF_FFFF)


def encode_read(address: int) -> bytes:
    """Ask for a register."""
    return struct.pack("<BH", Operation.READ, address)


def encode_sample(bits: ArrayLike, label: int) -> bytes:
    """A sample: `bits` (K_0,), or (steps, K_0), of 0 and 1, and its label; 65535 teaches nothing."""
    packed = np.packbits(np.asarray(bits, np.uint8), axis=-1, bitorder="little").tobytes()
    return struct.pack("<BH", Operation.SAMPLE, label) + packed


def encode_load(elements: Sequence[int]) -> bytes:
    """At most `LOAD_BLOCK` elements of a state space, in the order of the transfer."""
    return struct.pack("<BH", Operation.LOAD, len(elements)) + np.asarray(elements, "<i2").tobytes()


def encode_dump(elements: int) -> bytes:
    """Ask for the next elements of a state space."""
    return struct.pack("<BH", Operation.DUMP, elements)


def decode_value(reply: bytes) -> int:
    """The register value of a READ reply, unsigned."""
    return struct.unpack("<BI", reply)[1]


def decode_prediction(reply: bytes) -> Prediction:
    """A SAMPLE reply."""
    operation, label = struct.unpack("<BH", reply)
    return Prediction(label, bool(operation & TAUGHT))


def decode_elements(reply: bytes) -> np.ndarray:
    """The elements of a DUMP reply, int16."""
    return np.frombuffer(reply, "<i2", offset=1)
