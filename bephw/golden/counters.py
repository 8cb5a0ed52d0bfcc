"""Saturating counters under many samples' updates at once, exact in sample order (numerics.md sections 1, 4, 5).

Counters saturate on every step, so that steps on one counter do not commute; steps on different rows do. The
r-th update of every row can therefore be made together, as *round* r: one vectorised saturating add. There are
as many rounds as the busiest row has updates. With the rows sorted by how many updates they have, a round is a
prefix of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from bephw.golden.reinforcement import Events

__all__ = ["Updates", "apply", "working_type"]

Indices = NDArray[np.intp]


class Updates(NamedTuple):
    """Row updates of one layer, in the order in which they are made; all arrays (updates,).

    Update i belongs to sample `samples[i]` (never decreasing) and steps row `rows[i]` by `signs[i]`
    (+1/-1) times the input vector number `sources[i]`. One sample may update a row several times.
    """

    samples: Indices
    rows: Indices
    signs: NDArray[Any]
    sources: Indices


class _Rounds(NamedTuple):
    """Who takes part in which round."""

    busiest: Indices  # (K_out,) all rows, those with the most updates first
    place: Indices  # (K_out,) where a row stands in `busiest`
    order: Indices  # (updates,) the updates round by round, in the order of `busiest` within each
    sizes: list[int]  # number of updates in each round, never increasing


def working_type(bits: int) -> DTypeLike:
    """The narrowest type in which a counter of `bits` bits may step once past its limits."""
    return np.int8 if bits < 8 else np.int16 if bits < 16 else np.int32


def apply(counters: NDArray[Any], inputs: NDArray[Any], updates: Updates, events: Events, bits: int) -> None:
    """Make `updates` and `events` on `counters`, in place, as if one by one in sample order.

    counters: (K_out, K_in) of `working_type(bits)`, C-contiguous.
    inputs: (sources, K_in) vectors of +1/-1.
    """
    counts = np.bincount(updates.rows, minlength=len(counters))
    by_row = np.argsort(updates.rows, kind="stable")
    starts = np.cumsum(counts) - counts
    rounds = _rounds(updates.rows, counts, starts, by_row)
    slots = _slots(updates, events, starts, by_row)
    # Only events follow the last update of a row: moved to the end, those of all rows are made at once.
    slots[slots == counts[events.rows]] = len(rounds.sizes)
    cells = rounds.place[events.rows] * counters.shape[1] + events.columns
    block = counters[rounds.busiest]
    _play(block, inputs, updates, rounds, slots * block.size + cells, bits)
    counters[rounds.busiest] = block


def _rounds(rows: Indices, counts: Indices, starts: Indices, by_row: Indices) -> _Rounds:
    busiest = np.argsort(-counts, kind="stable")
    place = np.empty_like(busiest)
    place[busiest] = np.arange(len(counts))
    number = np.empty_like(rows)  # of an update among those of its row: its round
    number[by_row] = np.arange(len(rows)) - starts[rows[by_row]]
    order = np.argsort(number * len(counts) + place[rows])
    return _Rounds(busiest, place, order, np.bincount(number).tolist())


def _slots(updates: Updates, events: Events, starts: Indices, by_row: Indices) -> Indices:
    """How many updates of its own row come before each event."""
    samples = 1 + max(updates.samples.max(initial=0), events.samples.max(initial=0))
    keys = updates.rows[by_row] * samples + updates.samples[by_row]
    # An event acts after its own sample's updates: to the right of equal keys.
    return np.searchsorted(keys, events.rows * samples + events.samples, side="right") - starts[events.rows]


def _play(
    block: NDArray[Any], inputs: NDArray[Any], updates: Updates, rounds: _Rounds, keys: Indices, bits: int
) -> None:
    """All rounds on `block`, the counters in `busiest` order, in place.

    `keys` are the events as slot * block.size + flat index in the block; they act before the round of their slot.
    """
    top = 2 ** (bits - 1)
    low, high = block.dtype.type(-top), block.dtype.type(top - 1)
    plus = inputs.astype(block.dtype)
    steps = np.concatenate((plus, -plus))
    sources = (updates.sources + len(plus) * (updates.signs < 0))[rounds.order]
    keys, times = np.unique(keys, return_counts=True)
    ends = np.searchsorted(keys, np.arange(1, len(rounds.sizes) + 2) * block.size).tolist()
    cells = keys % block.size
    flat = block.reshape(-1)
    begin = done = 0
    for size, end in zip([*rounds.sizes, 0], ends, strict=True):
        if end > done:
            _away_from_zero(flat, cells[done:end], times[done:end], bits)
            done = end
        if size:
            part = block[:size]
            part += steps[sources[begin : begin + size]]
            part.clip(low, high, out=part)
            begin += size


def _away_from_zero(flat: NDArray[Any], cells: Indices, times: Indices, bits: int) -> None:
    """Step the counters at the distinct `cells` of `flat` away from zero, each so many `times`, in place."""
    top = 2 ** (bits - 1)
    before = flat[cells]
    # Steps away from zero never change the sign, so that a run of them is one clipped sum.
    after = before + np.where(before >= 0, times, -times)
    flat[cells] = after.clip(-top, top - 1)
