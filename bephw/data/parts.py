"""Which samples train, which choose hyperparameters, which test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bephw.data.features import Features
from bephw.data.split import stratified_folds, stratified_part
from bephw.errors import check
from bephw.settings import Data
from bephw.words import counted

__all__ = ["divide"]

# Streams of random numbers of their own, apart from those of the sources, which draw from the bare seed.
FOLDS, VALIDATION = 1, 2


def divide(features: Features, data: Data) -> Features:
    """`features` with the folds and the validation samples that `data` asks for; labels must be checked before.

    Which samples test depends on `folds`, `fold` and `seed` alone. Raises `BephwError`.
    """
    if data.folds is not None:
        features = _with_folds(features, data.folds, data.fold, data.seed)
    if data.validation_fraction is not None:
        features = _with_validation(features, data.validation_fraction, data.seed)
    return features


def _with_folds(features: Features, folds: int, fold: int, seed: int) -> Features:
    shapes = features.x_train.shape[1:], features.x_test.shape[1:]
    check(
        shapes[0] == shapes[1],
        f"{features.name}: samples of x_test must have shape {shapes[0]} as those of x_train, not {shapes[1]}",
    )
    x = np.concatenate([features.x_train, features.x_test])
    y = np.concatenate([features.y_train, features.y_test])
    check(
        folds <= len(y), f"data.folds must be at most the {counted(len(y), 'sample')} of {features.name}, not {folds}"
    )
    test = stratified_folds(y, folds, (seed, FOLDS)) == fold
    return replace(features, x_train=x[~test], y_train=y[~test], x_test=x[test], y_test=y[test])


def _with_validation(features: Features, fraction: float, seed: int) -> Features:
    check(
        features.x_validation is None,
        f"data.validation_fraction: leave it out: {features.name} has validation samples of its own",
    )
    x, y = features.x_train, features.y_train
    held = stratified_part(y, fraction, (seed, VALIDATION))
    check(
        0 < held.sum() < len(y),
        f"data.validation_fraction: {fraction} of the {counted(len(y), 'training sample')} of {features.name} "
        f"must be at least one and not all",
    )
    return replace(features, x_train=x[~held], y_train=y[~held], x_validation=x[held], y_validation=y[held])
