"""The split is a partition, keeps shares, and depends on its seed alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bephw.data.split import stratified_split


@given(
    y=st.lists(st.integers(0, 4), min_size=1, max_size=60).map(np.array),
    fraction=st.floats(0.05, 0.95),
    seed=st.integers(0, 1000),
)
def test_partition_with_the_share_of_every_class(y, fraction, seed):
    train, test = stratified_split(y, fraction, seed)
    assert sorted([*train, *test]) == list(range(len(y)))
    for label in np.unique(y):
        assert (y[test] == label).sum() == round(fraction * (y == label).sum())


def test_seed_decides():
    y = np.arange(100) % 10
    first, again, other = (stratified_split(y, 0.2, seed)[0].tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other
