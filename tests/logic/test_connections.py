"""Which inputs gates read: every one as often, no pair twice, or any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.errors import BephwError
from bephw.logic.connections import balanced, connections, drawn, local, unique
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


@given(GATES, INPUTS, SEEDS, st.floats(0.01, 1))
def test_local_is_balanced(gates, inputs, seed, reach):
    pairs = local(reach, gates, inputs, np.random.default_rng(seed))
    counts = np.bincount(pairs.ravel(), minlength=inputs)
    assert pairs.shape == (gates, 2)
    assert len(counts) == inputs
    assert counts.max() - counts.min() <= 1
    assert inputs == 1 or (pairs[:, 0] != pairs[:, 1]).all()


@pytest.mark.parametrize(("gates", "inputs"), [(900, 400), (400, 900), (1000, 1000), (784, 63)])
@pytest.mark.parametrize("reach", [0.1, 0.4])
def test_local_reads_what_is_near(gates, inputs, reach):
    """On average a quarter of the reach away along each axis, and what the unevenness of random places adds."""

    def places(numbers, count):
        side = int(np.ceil(np.sqrt(count)))
        in_row = np.minimum(side, count - numbers // side * side)
        return np.stack([(numbers % side + 0.5) / in_row, (numbers // side + 0.5) / side])

    pairs = local(reach, gates, inputs, np.random.default_rng(3))
    ends, own = pairs.ravel(), np.repeat(np.arange(gates), 2)
    apart = np.abs(places(ends, inputs) - places(own, gates))
    assert (apart.mean(axis=1) < reach / 4 + 0.08).all()
    assert apart.max() < reach / 2 + 0.35
    assert apart.mean() > reach / 8


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


@pytest.mark.parametrize("kind", ["balanced", "unique", "random", "local"])
def test_they_depend_on_the_seed_alone(kind):
    first, second = settings(connections=kind), settings(connections=kind, tau=3)
    for one, same in zip(connections(first), connections(second), strict=True):
        assert np.array_equal(one, same)
    other = connections(first.replace({"learning.seed": 1}))
    assert not np.array_equal(connections(first)[0], other[0])
    assert [len(pairs) for pairs in other] == [20, 12]


def test_reach_counts_where_connections_are_local():
    near, far = (settings(connections="local", reach=reach) for reach in (0.2, 1))
    assert not np.array_equal(connections(near)[0], connections(far)[0])
    assert np.array_equal(connections(settings(reach=0.2))[0], connections(settings())[0])


def test_too_few_pairs_are_refused():
    with pytest.raises(
        BephwError, match=r"network.sizes\[1\] must be at most 6 with logic.connections unique, the pairs"
    ):
        settings(connections="unique").replace({"network.sizes": [4, 7, 3]})
    with pytest.raises(BephwError, match=r"at most 0 with logic.connections unique, the pairs of 1 input, not 3"):
        settings(connections="unique").replace({"network.sizes": [1, 3]})
