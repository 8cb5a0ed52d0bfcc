"""Labels as a trainer's user has them, and as numbers of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bephw.data.labels import known_labels, number_labels
from bephw.errors import check

__all__ = ["Labels"]


class Labels:
    """What the classes of a network are called.

    Args:
        classes: how many the network has.
        names: of the classes, in order; None where labels are their numbers, from 0.
    """

    def __init__(self, classes: int, names: Sequence[str] | None = None) -> None:
        check(
            names is None or len(names) <= classes,
            f"class_names: must be at most {classes}, one a class, not {len(names or ())}",
        )
        self._classes = classes
        self.names = None if names is None else tuple(names)
        self._kind: np.dtype[Any] = np.dtype(str)

    def meet(self, y: ArrayLike, source: str = "y") -> None:
        """Learn the names from labels (n,), where there are none and the labels are not numbers of classes already."""
        labels = np.asarray(y)
        check(labels.ndim == 1, f"{source}: must have shape (samples,), not {labels.shape}")
        if self.names is None and len(labels):
            self.names = number_labels({source: labels}, self._classes).names
            self._kind = labels.dtype if labels.dtype.kind in "iuf" else self._kind

    def numbers(self, y: ArrayLike, source: str, samples: int) -> NDArray[np.int64]:
        """The number (n,) of each label's class. Raises `BephwError` for others."""
        labels = np.asarray(y)
        right = labels.shape == (samples,)
        check(right, f"{source}: must have shape ({samples},), one label a sample, not {labels.shape}")
        if not samples:
            return np.zeros(0, np.int64)
        return known_labels(source, labels, self.names, self._classes)

    def of(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """The label of each class: its name, or where there are none its number."""
        if self.names is None:
            return numbers
        names = np.array([*self.names, *map(str, range(len(self.names), self._classes))])
        return (names if self._kind.kind == "U" else names.astype(np.float64).astype(self._kind))[numbers]
