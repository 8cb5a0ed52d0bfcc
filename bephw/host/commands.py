"""Commands of docs/link.md as bytes, with the number of bytes that answer each."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bephw.boards.link.protocol import PAGE, REPLY_POSITIONS, UNITS, Operation, Target

__all__ = [
    "Command",
    "dump_elements",
    "load_elements",
    "read_page",
    "read_register",
    "repeat_replies",
    "sample",
    "stream_words",
    "write_register",
]


class Command(NamedTuple):
    """Bytes that are carried out one after the other, and how many bytes of replies come of them in the end."""

    code: bytes
    replies: int = 0


def write_register(address: int, value: int) -> Command:
    """A value modulo 2^32, so that signed ones may be given as they are."""
    return Command(_set(Target.ADDRESS, address) + _code(Operation.WRITE) + struct.pack("<I", value % 2**32))


def read_register(address: int) -> Command:
    """Answered by a tag and four bytes, the lowest first."""
    return Command(_set(Target.ADDRESS, address) + _code(Operation.READ, 4), 1 + 4)


def read_page(page: int) -> Command:
    """Of the identity block."""
    return Command(_set(Target.ADDRESS, page) + _code(Operation.IDENTITY, PAGE), 1 + PAGE)


def stream_words(x: NDArray[np.uint8], width: int, size: int) -> NDArray[np.uint8]:
    """Bytes (n, words, size) of the sample stream's words, `width` bits each, of bits (n, K_0) or (n, steps, K_0).

    The words of all steps come one after the other; every step begins a word.
    """
    x = np.asarray(x, np.uint8)
    words, steps = -(-x.shape[-1] // width), x.shape[1] if x.ndim == 3 else 1
    padded = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, words * width - x.shape[-1])])
    return np.packbits(padded.reshape(len(x), steps * words, width), axis=-1, bitorder="little")


def sample(words: NDArray[np.uint8], label: int, prediction: int) -> Iterator[Command]:
    """A sample of which `words` (words, bytes of a word) are the stream's, and which is answered by so many bytes."""
    yield Command(_set(Target.LABEL, label))
    for start in range(0, len(words), UNITS):
        block = words[start : start + UNITS]
        ends = start + UNITS >= len(words)
        yield Command(_code(Operation.WORDS, len(block)) + block.tobytes(), prediction if ends else 0)


def load_elements(elements: NDArray[np.integer], size: int) -> Iterator[Command]:
    """State, of `size` bytes an element, for the transfer that has been begun."""
    flat = np.asarray(elements).ravel().astype(f"<i{size}")
    for start in range(0, len(flat), UNITS):
        block = flat[start : start + UNITS]
        yield Command(_code(Operation.LOAD, len(block)) + block.tobytes())


def dump_elements(count: int, size: int) -> Iterator[Command]:
    """State, from the transfer that has been begun: each command is answered by a tag and its elements."""
    for start in range(0, count, UNITS):
        block = min(UNITS, count - start)
        yield Command(_code(Operation.DUMP, block), 1 + block * size)


def repeat_replies(position: int) -> Command:
    """Send the replies again, from there."""
    return Command(_set(Target.REPLIES, position % REPLY_POSITIONS))


def _code(operation: Operation, units: int = 1) -> bytes:
    return bytes([operation | (units - 1) << 3])


def _set(target: Target, value: int) -> bytes:
    return bytes([Operation.SET | target << 3]) + struct.pack("<H", value)
