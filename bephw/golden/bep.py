"""BEP on a multi-layer perceptron (numerics.md section 4): desired values flow down from the classifier."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bephw.golden.credit import desired_below
from bephw.golden.forward import Signs, forward, preactivation
from bephw.golden.lessons import LayerUpdates, Lessons, Network, winner_updates
from bephw.golden.margin import teaches

__all__ = ["learn", "logits", "propagate"]


def logits(network: Network, x: Signs) -> NDArray[np.int32]:
    """Logits (n, classes) of inputs `x` (n, K_0)."""
    _, activations = forward(network.planes, network.thresholds, x)
    return preactivation(activations[-1], network.frames[-1]).astype(np.int32)


def learn(network: Network, x: Signs, labels: NDArray[np.int64]) -> Lessons:
    """Lessons of inputs `x` (n, K_0) with `labels` (n,)."""
    sums, activations = forward(network.planes, network.thresholds, x)
    y = preactivation(activations[-1], network.frames[-1]).astype(np.int32)
    taught = teaches(y, labels, network.margins[-1])
    teaching = np.flatnonzero(taught)
    desired = network.frames[-1][labels[teaching]]
    layers, _ = propagate(network, 0, sums, activations, teaching, desired)
    return Lessons(y, taught, layers)


def propagate(
    network: Network,
    first: int,
    sums: list[Signs],
    activations: list[Signs],
    teaching: NDArray[np.intp],
    desired: Signs,
) -> tuple[list[LayerUpdates], Signs]:
    """Updates of layers `first` and up, and the desired inputs (lessons, K_in) of layer `first` where it is not 0.

    `sums` and `activations` begin with those of layer `first`; `desired` (lessons, K_L) is for the last layer.
    """
    layers: list[LayerUpdates] = []
    for layer in reversed(range(first, len(network.planes))):
        a, z = activations[layer - first], sums[layer - first][teaching]
        layers.insert(0, winner_updates(a, teaching, z, desired, network.gamma[layer]))
        if layer:
            desired = desired_below(desired, z, network.planes[layer], a[teaching], network.gates[layer], network.tie)
    return layers, desired
