"""Which inputs gates read: every one as often, no pair twice, or any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.errors import BephwError
from bephw.logic.connections import balanced, connections, drawn, unique
from bephw.settings import Settings

GATES, INPUTS, SEEDS = st.integers(1, 60), st.integers(1, 40), st.integers(0, 2**32)


def settings(**logic):
    return Settings.build(network={"sizes": [9, 20, 12], "classes": 3}, learning={"algorithm": "logic"}, logic=logic)


@given(GATES, INPUTS, SEEDS)
def test_balanced(gates, inputs, seed):
    pairs = balanced(gates, inputs, np.random.default_rng(seed))
    counts = np.bincount(pairs.ravel(), minlength=inputs)
    assert pairs.shape == (gates, 2)
    assert len(counts) == inputs
    assert counts.max() - counts.min() <= 1
    assert inputs == 1 or (pairs[:, 0] != pairs[:, 1]).all()


@given(INPUTS.filter(lambda inputs: inputs > 1), SEEDS, st.data())
def test_unique(inputs, seed, data):
    gates = data.draw(st.integers(1, inputs * (inputs - 1) // 2))
    pairs = unique(gates, inputs, np.random.default_rng(seed))
    assert pairs.shape == (gates, 2)
    assert len({frozenset(pair) for pair in pairs.tolist()} - {frozenset({n}) for n in range(inputs)}) == gates
    assert 0 <= pairs.min() <= pairs.max() < inputs
    # Neighbours come first.
    assert np.abs(pairs[:, 0] - pairs[:, 1]).max() == 1 or gates > inputs - 1


@given(GATES, INPUTS, SEEDS)
def test_drawn(gates, inputs, seed):
    pairs = drawn(gates, inputs, np.random.default_rng(seed))
    assert pairs.shape == (gates, 2)
    assert 0 <= pairs.min() <= pairs.max() < inputs
    assert inputs == 1 or (pairs[:, 0] != pairs[:, 1]).all()


@pytest.mark.parametrize("kind", ["balanced", "unique", "random"])
def test_they_depend_on_the_seed_alone(kind):
    first, second = settings(connections=kind), settings(connections=kind, tau=3)
    for one, same in zip(connections(first), connections(second), strict=True):
        assert np.array_equal(one, same)
    other = connections(first.replace({"learning.seed": 1}))
    assert not np.array_equal(connections(first)[0], other[0])
    assert [len(pairs) for pairs in other] == [20, 12]


def test_too_few_pairs_are_refused():
    with pytest.raises(
        BephwError, match=r"network.sizes\[1\] must be at most 6 with logic.connections unique, the pairs"
    ):
        settings(connections="unique").replace({"network.sizes": [4, 7, 3]})
    with pytest.raises(BephwError, match=r"at most 0 with logic.connections unique, the pairs of 1 input, not 3"):
        settings(connections="unique").replace({"network.sizes": [1, 3]})
