"""Scores of classes, where each has a scale and an offset (numerics.md section 2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["class_scores"]


def class_scores(
    z: NDArray[Any], inputs: int, scales: NDArray[np.int64], offsets: NDArray[np.int64]
) -> NDArray[np.int64]:
    """scale_c * matches_c + offset_c (n, classes), of the sums `z` (n, classes) of so many `inputs`."""
    matches = (z.astype(np.int64) + inputs) // 2
    return scales * matches + offsets
