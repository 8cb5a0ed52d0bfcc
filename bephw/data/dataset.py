"""What every data set becomes: bits and labels, checked once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bephw.data.encoding import Encoding
from bephw.data.features import Features
from bephw.data.shifts import Shifts
from bephw.errors import check

__all__ = ["Dataset", "check_labels"]


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
