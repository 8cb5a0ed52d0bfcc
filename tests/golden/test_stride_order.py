"""bephw.golden.stride_order, with the generator written once more in Python integers."""

from itertools import islice, pairwise
from math import gcd

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.errors import BephwError
from bephw.golden.stride_order import generator_of, order, strides
from tests.golden.test_xorshift import scalar


@given(samples=st.integers(1, 100_000), seed=st.integers(0, 2**63 - 1))
def test_strides(samples, seed):
    u, expected = generator_of(seed), []
    assert 0 < u < 2**32
    for _ in range(3):
        u = scalar(u)
        start = u * samples // 2**32
        u = scalar(u)
        while gcd(stride := u * samples // 2**32, samples) != 1:
            u = scalar(u)
        expected.append((start, stride))
    assert list(islice(strides(samples, seed), 3)) == expected


@given(samples=st.integers(1, 500), seed=st.integers(0, 2**63 - 1))
def test_every_sample_comes_once(samples, seed):
    for start, stride in islice(strides(samples, seed), 4):
        found = order(samples, start, stride).tolist()
        assert sorted(found) == list(range(samples))
        assert found[0] == start
        assert all((b - a) % samples == stride for a, b in pairwise(found))


def test_the_first_orders_stay_what_they_are():
    """Whoever goes on from a checkpoint depends on them."""
    assert [generator_of(seed) for seed in (0, 1, 2)] == [0x7F4A7C15, 0x1D81F5C6, 0xBBB96F77]
    assert len({tuple(islice(strides(1000, seed), 2)) for seed in range(50)}) == 50


def test_no_samples():
    with pytest.raises(BephwError, match="samples must be at least 1, not 0"):
        next(strides(0, 1))
