"""Winner mask: which rows learn (numerics.md section 4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bephw.golden.forward import Signs

__all__ = ["winners"]


def winners(z: Signs, d: Signs, gamma: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The winners as (samples, rows), two arrays of equal length, ordered by sample, then by row.

    `z` and `d` are (n, K_out), `gamma` divides K_out. In each group of `gamma` consecutive outputs the
    winner is the one on the wrong side (d * z < 0) with the smallest |z|, the lowest index among equals;
    a group without any has no winner.
    """
    samples, outputs = z.shape
    agreement = (d * z).reshape(samples, outputs // gamma, gamma)
    # Among the wrong ones, d * z = -|z|: the smallest |z| is the largest agreement below zero.
    agreement[agreement >= 0] = -np.inf
    best = agreement.argmax(axis=2)
    qualifies = np.take_along_axis(agreement, best[:, :, None], axis=2)[:, :, 0] > -np.inf
    winning_samples, groups = np.nonzero(qualifies)
    return winning_samples, groups * gamma + best[winning_samples, groups]
