"""A seeded split that keeps the share of every class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["stratified_split"]


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
