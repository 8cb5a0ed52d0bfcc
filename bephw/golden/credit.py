"""Desired activations of the layer below (numerics.md section 4, BEP)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from bephw.golden.forward import Signs, signed

__all__ = ["desired_below"]


def desired_below(d: Signs, z: Signs, w: Signs, a: Signs, G: int, tie: Literal["keep", "plus"]) -> Signs:
    """Desired inputs (n, K_in) of a layer whose desired outputs are `d` (n, K_out).

    z: the layer's own sums (n, K_out); rows with |z| > G are closed and have no say.
    w: its visible weights (K_out, K_in), frozen.
    a: its inputs (n, K_in), kept where the open rows are evenly split and `tie` is "keep" ("plus": +1).
    """
    # |z| is below 2^17, so that a gate beyond float32's integers closes nothing, rounded or not.
    votes = (d * (np.abs(z) <= np.float32(G))) @ w
    # Votes are integers: half a vote decides ties and nothing else.
    votes += a * np.float32(0.5) if tie == "keep" else np.float32(0.5)
    return signed(votes > 0)
