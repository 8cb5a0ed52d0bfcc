"""Reinforcement: which counters step away from zero, and when (numerics.md section 5)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bephw.golden import xorshift

__all__ = ["Events", "bernoulli", "draw", "most_samples"]


class Events(NamedTuple):
    """Steps of one layer's reinforcement, in the order in which they happen; all arrays (steps,).

    A step of sample s acts after the updates of s and before those of s + 1.
    """

    samples: NDArray[np.intp]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]


def draw(
    samples: int, rate: int, accumulator: int, generator: int, shape: tuple[int, int], burst: int = 1
) -> tuple[Events, int, int]:
    """Events of `samples` samples in a layer of `shape` (K_out, K_in); the next accumulator and generator.

    `rate` is below 2^32, in events of 2^-16 a sample; `accumulator` below 2^16; `generator` nonzero. An event steps a
    `burst` of counters: of its row those whose columns, divided by `burst`, give the same quotient as the one drawn.
    """
    total = accumulator + np.uint64(rate) * np.arange(samples + 1, dtype=np.uint64)
    due = (total >> np.uint64(16)).astype(np.int64)  # so many events by the end of each sample
    words = xorshift.words(generator, int(due[-1]))
    outputs, inputs = shape
    events = Events(
        samples=np.repeat(np.arange(samples), np.diff(due)),
        rows=((words >> np.uint32(16)) * np.uint32(outputs) >> np.uint32(16)).astype(np.intp),
        columns=((words & np.uint32(0xFFFF)) * np.uint32(inputs) >> np.uint32(16)).astype(np.intp),
    )
    return _spread(events, burst, inputs), int(total[-1]) & 0xFFFF, int(words[-1]) if len(words) else generator


def _spread(events: Events, burst: int, inputs: int) -> Events:
    """Every event's counter joined by its neighbours."""
    if burst == 1:
        return events
    columns = (events.columns - events.columns % burst)[:, None] + np.arange(burst)
    there = columns < inputs  # The last burst of a row may be cut short.
    each = there.sum(axis=1)
    return Events(np.repeat(events.samples, each), np.repeat(events.rows, each), columns[there])


def most_samples(rate: int, steps: int, burst: int = 1) -> int:
    """How many samples may be drawn at once to stay near `steps` steps; at least 1."""
    return max(1, (steps << 16) // max(rate * burst, 1))


def bernoulli(counters: NDArray[Any], probability: float, bits: int, random: np.random.Generator) -> None:
    """The papers' way: every counter steps away from zero with `probability`, in place, saturating."""
    chosen = random.random(counters.shape, dtype=np.float32) < probability
    top = 2 ** (bits - 1)
    up = chosen & (counters >= 0) & (counters < top - 1)
    down = chosen & (counters < 0) & (counters > -top)
    counters += up
    counters -= down
