"""A data set as its source gives it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bephw.data.columns import Columns

__all__ = ["Features", "fit_columns"]

PARTS = ("x_train", "x_test", "x_validation")


@dataclass(frozen=True)
class Features:
    """A data set as its source gives it, before encoding.

    Attributes:
        name: for messages and reports.
        x_train, x_test: features (n, features), any numeric type; where samples have steps already,
            (n, steps, features). Until columns are fitted, one value a column: NaN where it is missing, and of words
            their place among the column's categories.
        y_train, y_test: labels (n,), integers from 0 once they are numbered.
        x_validation, y_validation: samples kept apart for choosing hyperparameters; None where the source has none.
        image: (rows, columns) where samples are images, their features row by row; else None.
        class_names: what label 0, 1, .. stands for in the source; None where labels are numbers from 0 themselves.
        columns: of a table, or of arrays with missing values; None where features are numbers and have no names.
        missing: how many values were filled in.
        warnings: what is not wrong, but may not be meant.
    """

    name: str
    x_train: NDArray
    y_train: NDArray
    x_test: NDArray
    y_test: NDArray
    x_validation: NDArray | None = None
    y_validation: NDArray | None = None
    image: tuple[int, int] | None = None
    class_names: tuple[str, ...] | None = None
    columns: Columns | None = None
    missing: int = 0
    warnings: tuple[str, ...] = ()


def fit_columns(features: Features, missing: Literal["median"] | None) -> Features:
    """`features` with every value a number: columns fitted on the training samples, and applied to all.

    Features without columns stay as they are. Raises `BephwError`.
    """
    read = features.columns
    if read is None:
        return features
    fitted = read.fit(features.x_train, features.name, missing)
    parts = {name: getattr(features, name) for name in PARTS if getattr(features, name) is not None}
    count = sum(int(np.isnan(x).sum()) for x in parts.values())
    changed: dict[str, Any] = {name: fitted.transform(x, read) for name, x in parts.items()}
    return replace(features, **changed, columns=fitted, missing=count)
