"""LBES (numerics.md section 4): every layer learns from a classifier of its own. CP+R is its case of one layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bephw.golden.forward import Signs, forward, preactivation
from bephw.golden.lessons import Lessons, Network, winner_updates
from bephw.golden.margin import teaches

__all__ = ["learn"]


def learn(network: Network, x: Signs, labels: NDArray[np.int64]) -> Lessons:
    """Lessons of inputs `x` (n, K_0) with `labels` (n,); whether a sample taught is told for every layer."""
    sums, activations = forward(network.planes, network.thresholds, x)
    layers, taught = [], []
    for layer, frame in enumerate(network.frames):
        y = preactivation(activations[layer + 1], frame).astype(np.int32)
        taught.append(teaches(y, labels, network.margins[layer]))
        teaching = np.flatnonzero(taught[layer])
        desired = frame[labels[teaching]]
        layers.append(
            winner_updates(activations[layer], teaching, sums[layer][teaching], desired, network.gamma[layer])
        )
    return Lessons(y, np.stack(taught, axis=1), layers)
