"""Series as steps: what a recurrent network sees one after the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["cut"]


def cut(x: NDArray, window: int) -> NDArray:
    """Steps (n, ceil(features / window), window) of series (n, features), in order.

    Nothing is lost: where the last step would be shorter, it is filled up with the last value of its series.
    """
    samples, features = x.shape
    steps = -(-features // window)
    padded = np.pad(x, ((0, 0), (0, steps * window - features)), mode="edge")
    return padded.reshape(samples, steps, window)
