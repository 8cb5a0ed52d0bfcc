"""Cycles in any of several spans."""

import numpy as np

from bephw.plan.spans import covered


def test_cycles_are_counted_once():
    assert covered([]) == 0
    assert covered([(3, 5), (10, 11)]) == 3
    assert covered([(4, 9), (3, 5), (4, 5)]) == 6
    random = np.random.default_rng(0)
    for _ in range(20):
        starts = random.integers(-20, 60, 15).tolist()
        spans = [(start, start + length) for start, length in zip(starts, random.integers(0, 9, 15), strict=True)]
        assert covered(spans) == len({cycle for first, after in spans for cycle in range(first, after)})
