"""Rounds against one step at a time, also where a sample updates a row more than once (as BEP-TT will)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.golden.counters import Updates, apply, working_type
from bephw.golden.reinforcement import Events


def naive(counters, inputs, updates: Updates, events: Events, bits: int) -> np.ndarray:
    """All updates of a sample, then its events; sample by sample."""
    result, top = counters.astype(int), 2 ** (bits - 1)
    for sample in range(20):
        for s, row, sign, source in zip(*updates, strict=True):
            if s == sample:
                result[row] = np.clip(result[row] + int(sign) * inputs[source], -top, top - 1)
        for s, row, column in zip(*events, strict=True):
            if s == sample:
                step = 1 if result[row, column] >= 0 else -1
                result[row, column] = np.clip(result[row, column] + step, -top, top - 1)
    return result


@settings(max_examples=200)
@given(
    bits=st.sampled_from([2, 3, 7, 8, 15, 16]),
    shape=st.tuples(st.integers(1, 5), st.integers(1, 4)),
    updates=st.integers(0, 40),
    events=st.integers(0, 60),
    near_zero=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_equals_one_step_at_a_time(
    bits: int, shape: tuple[int, int], updates: int, events: int, near_zero: bool, seed: int
) -> None:
    random, top = np.random.default_rng(seed), 2 ** (bits - 1)
    low, high = (-2, 2) if near_zero else (-top, top)
    counters = random.integers(low, high, shape).astype(working_type(bits))
    inputs = 2 * random.integers(0, 2, (7, shape[1])) - 1
    made = Updates(
        samples=np.sort(random.integers(0, 20, updates)),
        rows=random.integers(0, shape[0], updates),
        signs=2.0 * random.integers(0, 2, updates) - 1,
        sources=random.integers(0, 7, updates),
    )
    fallen = Events(
        samples=np.sort(random.integers(0, 20, events)),
        rows=random.integers(0, shape[0], events),
        columns=random.integers(0, shape[1], events),
    )
    expected = naive(counters, inputs, made, fallen, bits)
    apply(counters, inputs, made, fallen, bits)
    assert counters.tolist() == expected.tolist()


@pytest.mark.parametrize(("bits", "dtype"), [(2, np.int8), (7, np.int8), (8, np.int16), (15, np.int16), (16, np.int32)])
def test_the_working_type_holds_one_step_past_the_limits(bits: int, dtype: type) -> None:
    assert working_type(bits) == dtype
    assert np.iinfo(dtype).max >= 2 ** (bits - 1)
    assert np.iinfo(dtype).min <= -(2 ** (bits - 1)) - 1
