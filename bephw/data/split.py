"""Seeded splits that keep the share of every class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["stratified_folds", "stratified_part", "stratified_split"]


def stratified_split(y: NDArray, test_fraction: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices (train, test), disjoint and together all samples, both shuffled.

    Of every class `round(test_fraction * count)` samples go to the test set. Equal arguments give equal splits.
    """
    random = np.random.default_rng(seed)
    train, test = [], []
    for label in np.unique(y):
        members = random.permutation(np.flatnonzero(y == label))
        cut = round(test_fraction * len(members))
        test.append(members[:cut])
        train.append(members[cut:])
    return random.permutation(np.concatenate(train)), random.permutation(np.concatenate(test))


def stratified_folds(y: NDArray, folds: int, seed: int | Sequence[int]) -> NDArray[np.intp]:
    """The fold of every sample, 0 to `folds` - 1.

    Folds differ by at most one sample, in all and in every class. Equal arguments give equal folds.
    """
    fold = np.empty(len(y), np.intp)
    fold[_class_by_class(y, seed)] = np.arange(len(y)) % folds
    return fold


def stratified_part(y: NDArray, fraction: float, seed: int | Sequence[int]) -> NDArray[np.bool_]:
    """Which samples belong to a part of `fraction` of them.

    The part has `fraction` times the samples, in all rounded to nearest (halves up), and in every class rounded up or
    down, so that also classes of a few samples are in it. Equal arguments give equal parts.
    """
    part = np.empty(len(y), np.bool_)
    part[_class_by_class(y, seed)] = np.diff(np.floor(np.arange(len(y) + 1) * fraction + 0.5)) > 0
    return part


def _class_by_class(y: NDArray, seed: int | Sequence[int]) -> NDArray[np.intp]:
    """All samples, those of a class one after another; classes and the samples of each shuffled."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.unique(y))
    return np.concatenate([random.permutation(np.flatnonzero(y == label)) for label in labels])
