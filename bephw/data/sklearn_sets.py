"""Data sets that come with scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from bephw.data.columns import Columns
from bephw.data.features import Features
from bephw.data.split import stratified_split
from bephw.errors import MissingError, check
from bephw.settings import Data

__all__ = ["SETS", "sklearn_set"]

SETS = ("breast_cancer", "digits", "iris", "wine")


def sklearn_set(data: Data) -> Features:
    """Data set `data.series`, one of `SETS`, split by `data.test_fraction` and `data.seed`.

    Raises `BephwError` for other names, and where scikit-learn is missing.
    """
    name, known = data.series, ", ".join(SETS)
    check(name is not None, f"data.series: required when data.name is sklearn: {known}")
    check(
        name in SETS,
        f"data.series must be a data set for classification that comes with scikit-learn ({known}), not {name!r}: "
        f"others can be kept as an .npz or .csv file (data.name npz or csv)",
    )
    try:
        from sklearn import datasets
    except ImportError as error:
        raise MissingError("data set sklearn needs scikit-learn: install it with pip install 'bephw[data]'") from error
    bunch: Any = getattr(datasets, f"load_{name}")()
    x, y = np.asarray(bunch.data, np.float64), np.asarray(bunch.target, np.int64)
    train, test = stratified_split(y, data.test_fraction, data.seed)
    names = [str(feature) for feature in bunch.feature_names]
    return Features(
        str(name),
        x[train],
        y[train],
        x[test],
        y[test],
        image=(8, 8) if name == "digits" else None,
        class_names=tuple(str(target) for target in bunch.target_names),
        columns=Columns.of_numbers(names, named=True, label="target"),
    )
