"""Samples as a trainer takes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bephw.errors import check
from bephw.settings import Settings

__all__ = ["checked_bits"]


def checked_bits(x: ArrayLike, settings: Settings, source: str = "X") -> NDArray[np.uint8]:
    """`x` as uint8 bits (n, K_0), or (n, steps, K_0) for a recurrent network.

    Raises `BephwError` that begins with `source` for other shapes, and for anything but 0 and 1.
    """
    found, inputs = np.asarray(x), settings.network.sizes[0]
    check(found.dtype.kind in "buif", f"{source}: must be bits, not {found.dtype}")
    if settings.recurrent:
        right = found.ndim == 3 and found.shape[2] == inputs and found.shape[1] > 0
        check(right, f"{source}: must have shape (samples, steps, {inputs}) with at least one step, not {found.shape}")
    else:
        right = found.ndim == 2 and found.shape[1] == inputs
        check(right, f"{source}: must have shape (samples, {inputs}), not {found.shape}")
    others = found[(found != 0) & (found != 1)]
    check(others.size == 0, f"{source}: must be 0 or 1, not {others[:1].sum()}")
    return found.astype(np.uint8)
