"""The order of an epoch that a board runs by itself: a start and a stride (docs/store.md)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import gcd

import numpy as np
from numpy.typing import NDArray

from bephw.errors import check
from bephw.golden.xorshift import words

__all__ = ["generator_of", "nth_stride", "order", "strides"]


def generator_of(seed: int) -> int:
    """The state of xorshift32 from which the orders of `seed` are drawn: never 0, and far apart for neighbours."""
    return ((seed ^ seed >> 32) * 0x9E3779B1 + 0x7F4A7C15) % 2**32 or 1


def strides(samples: int, seed: int) -> Iterator[tuple[int, int]]:
    """(start, stride) of every epoch, from the first on, without end.

    Each is `u * samples >> 32` of the generator's next state u; a stride is drawn again until it has no factor in
    common with `samples`. The generator runs on from epoch to epoch. Of one sample, stride is 0.

    Raises `BephwError` without samples.
    """
    check(samples >= 1, f"samples must be at least 1, not {samples}")
    state = generator_of(seed)
    while True:
        state, start = _draw(state, samples)
        state, stride = _draw(state, samples)
        while gcd(stride, samples) != 1:
            state, stride = _draw(state, samples)
        yield start, stride


def nth_stride(samples: int, seed: int, epoch: int) -> tuple[int, int]:
    """(start, stride) of epoch `epoch`, from 1."""
    return next(islice(strides(samples, seed), epoch - 1, None))


def order(samples: int, start: int, stride: int) -> NDArray[np.int64]:
    """Numbers (samples,) of the samples, each once: `(start + i * stride) mod samples`."""
    return (start + np.arange(samples, dtype=np.int64) * stride) % samples


def _draw(state: int, samples: int) -> tuple[int, int]:
    """The generator's next state, and the number below `samples` that it gives."""
    (following,) = words(state, 1).tolist()
    return following, following * samples >> 32
