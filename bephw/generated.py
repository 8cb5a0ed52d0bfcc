"""Pseudo-random weights that need no memory: each row is what a generator gives from a start of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ROW_STEP", "WORD_BITS", "columns_fit", "following", "generated_weights", "row_start"]

WORD_BITS = 32

# Odd, so that rows repeat after 2^32 only. Of five constants the one whose matrices are most like random ones: see
# docs/gnet.md.
ROW_STEP = 0xB5297A4D


def row_start(seed: int, row: int) -> int:
    """Where the generator of row `row` starts: a Weyl sequence, which reaches any row by one multiplication.

    The lowest bit is always 1, as no generator may start from 0; row after row begins with another word all the same.
    """
    return (seed + row * ROW_STEP) % 2**WORD_BITS | 1


def following(states: NDArray[np.uint32], steps: int = 1) -> NDArray[np.uint32]:
    """The states of xorshift32 (numerics.md section 5) that follow `states`, so many steps on; same shape."""
    for _ in range(steps):
        states = states ^ (states << np.uint32(13))
        states = states ^ (states >> np.uint32(17))
        states = states ^ (states << np.uint32(5))
    return states


def generated_weights(seed: int, outputs: int, inputs: int) -> NDArray[np.uint8]:
    """Bits (outputs, inputs) of the matrix with `seed`, a nonzero 32-bit word; a smaller matrix is a part of it.

    Entry (j, k) is bit k % 32 of the (k // 32 + 1)-th state that follows `row_start(seed, j)`.
    """
    states = np.array([row_start(seed, row) for row in range(outputs)], np.uint32)
    words = np.empty((outputs, -(-inputs // WORD_BITS)), "<u4")
    for column in words.T:
        states = following(states)
        column[:] = states
    return np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")[:, :inputs]


def columns_fit(columns: int, inputs: int) -> bool:
    """Whether hardware can generate a row of `inputs` weights `columns` at a time: parts of a word, whole words, or
    the whole row."""
    return WORD_BITS % columns == 0 or columns % WORD_BITS == 0 or columns == inputs
