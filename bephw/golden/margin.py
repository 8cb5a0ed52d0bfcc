"""Which samples teach (numerics.md section 3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["teaches"]


def teaches(logits: NDArray[np.int32], labels: NDArray[np.intp], R: int) -> NDArray[np.bool_]:
    """True (n,) where y_t - max over c != t of y_c < R.

    `logits` is (n, classes >= 2), `labels` (n,) is 0 or more; a label that is no class never teaches.
    """
    samples, classes = logits.shape
    known = labels < classes
    own_index = (np.arange(samples), np.where(known, labels, 0))
    own = logits[own_index]
    others = logits.copy()
    others[own_index] = np.iinfo(np.int32).min
    # |logits| <= 65,535, so that the difference fits; R is a Python integer of at most 32 bits.
    margin: NDArray[np.int64] = own.astype(np.int64) - others.max(axis=1)
    return known & (margin < R)
