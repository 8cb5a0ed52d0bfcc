"""xorshift32 (Marsaglia), thousands of steps at a time (numerics.md section 5)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["step", "words"]

BLOCK = 1024


def step(u: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The states after `u`, one step each; same shape."""
    u = u ^ (u << np.uint32(13))
    u = u ^ (u >> np.uint32(17))
    return u ^ (u << np.uint32(5))


def words(state: int, count: int) -> NDArray[np.uint32]:
    """The `count` states that follow `state`, in order."""
    blocks = []
    for start in range(0, count, BLOCK):
        block = _block(state, min(BLOCK, count - start))
        state = int(block[-1])
        blocks.append(block)
    return np.concatenate(blocks) if blocks else np.zeros(0, np.uint32)


def _block(state: int, count: int) -> NDArray[np.uint32]:
    # The generator is linear over GF(2): what follows a state is the XOR of what follows each of its bits.
    bits = [bit for bit in range(32) if state >> bit & 1]
    return np.bitwise_xor.reduce(_basis()[bits, :count], axis=0)


@lru_cache(maxsize=1)
def _basis() -> NDArray[np.uint32]:
    """(32, BLOCK): the states that follow each single bit."""
    basis = np.empty((32, BLOCK), np.uint32)
    u = np.uint32(1) << np.arange(32, dtype=np.uint32)
    for index in range(BLOCK):
        u = step(u)
        basis[:, index] = u
    return basis
