"""What every data set becomes: bits and labels, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bephw.data.encoding import Encoding
from bephw.errors import check

if TYPE_CHECKING:
    from bephw.data.columns import Columns
    from bephw.data.shifts import Shifts

__all__ = ["Dataset", "Features", "check_labels"]


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


@dataclass(frozen=True)
class Dataset:
    """A data set that a trainer can take.

    Attributes:
        x_train, x_test: uint8 bits (n, K_0); for recurrent networks (n, steps, K_0).
        y_train, y_test: int64 labels (n,), 0 to classes - 1.
        name: for messages and reports.
        x_validation, y_validation: samples kept apart for choosing hyperparameters, or None.
        encoding: the fitted encoder that gave the bits; None where they came without one.
        shifts: how training images move in every epoch (`x_train` has them where they are); None where they do not.
        source: the samples before encoding, divided as here; None where they came as bits.
        classes: how many there are; None where nobody counted.
    """

    x_train: NDArray[np.uint8]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.int64]
    name: str
    x_validation: NDArray[np.uint8] | None = None
    y_validation: NDArray[np.int64] | None = None
    encoding: Encoding | None = None
    shifts: Shifts | None = None
    source: Features | None = None
    classes: int | None = None

    @property
    def inputs(self) -> int:
        """Bits of a sample, or where samples have steps, of a step."""
        return self.x_train.shape[-1]

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """What labels stand for in the source; None where they are numbers from 0 themselves."""
        return self.source.class_names if self.source else None

    def class_name(self, label: int) -> str:
        """What a label stands for: its name in the source, or the number itself."""
        names = self.class_names
        return names[label] if names and label < len(names) else str(label)


def check_labels(source: str, y: NDArray, samples: int, classes: int) -> NDArray[np.int64]:
    """`y` as int64, if it has one integer label below `classes` a sample. Raises `BephwError` naming `source`."""
    check(y.shape == (samples,), f"{source}: must have shape ({samples},), one label a sample, not {y.shape}")
    check(y.dtype.kind in "iu", f"{source}: labels must be integers, not {y.dtype}")
    outside = np.flatnonzero((y < 0) | (y >= classes))
    if outside.size:
        at = outside[0]
        check(
            False,
            f"{source}: label of sample {at} must be 0 to {classes - 1} (network.classes = {classes}), not {y[at]}",
        )
    return y.astype(np.int64)
