"""Splits are partitions, keep shares, and depend on their seed alone."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.data.split import stratified_folds, stratified_part, stratified_split

labels = st.lists(st.integers(0, 4), min_size=1, max_size=60).map(np.array)
fractions = st.floats(0.05, 0.95)
seeds = st.integers(0, 1000)


@given(y=labels, fraction=fractions, seed=seeds)
def test_a_split_is_a_partition_with_the_share_of_every_class(y, fraction, seed):
    train, test = stratified_split(y, fraction, seed)
    assert sorted([*train, *test]) == list(range(len(y)))
    for label in np.unique(y):
        assert (y[test] == label).sum() == round(fraction * (y == label).sum())


@given(y=labels, folds=st.integers(2, 9), seed=seeds)
def test_folds_differ_by_one_sample_at_most_in_every_class(y, folds, seed):
    fold = stratified_folds(y, folds, seed)
    assert fold.shape == y.shape
    for members in (fold, *(fold[y == label] for label in np.unique(y))):
        counts = np.bincount(members, minlength=folds)
        assert len(counts) == folds
        assert counts.max() - counts.min() <= 1


@given(y=labels, fraction=fractions, seed=seeds)
def test_a_part_has_the_share_of_every_class(y, fraction, seed):
    part = stratified_part(y, fraction, seed)
    assert part.shape == y.shape
    assert part.sum() == math.floor(fraction * len(y) + 0.5)
    for label in np.unique(y):
        share = fraction * (y == label).sum()
        assert math.floor(share - 1e-9) <= part[y == label].sum() <= math.ceil(share + 1e-9)


@pytest.mark.parametrize(
    "split",
    [
        lambda y, seed: stratified_split(y, 0.2, seed)[0].tolist(),
        lambda y, seed: stratified_folds(y, 3, seed).tolist(),
        lambda y, seed: stratified_part(y, 0.2, seed).tolist(),
    ],
    ids=["split", "folds", "part"],
)
def test_seed_decides(split):
    y = np.arange(100) % 10
    first, again, other = (split(y, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
