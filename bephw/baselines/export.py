"""From a trained baseline to the settings and state that the golden model and the hardware take."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bephw.baselines.networks import BinaryLayer, Network
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["export_state", "exported_settings", "fold_batch_norm"]

GENERATORS = 2  # The random stream of this name, as for the initial state of the golden model.


def exported_settings(settings: Settings) -> Settings:
    """`settings` of a baseline, as those of a network that computes by numerics.md section 2.

    Raises `BephwError` where there is no such network (a recurrent cell without a layer after it).
    """
    return settings.replace(
        {
            "learning.algorithm": "bep-tt" if settings.recurrent else "bep",
            "network.thresholds": settings.baseline.batch_norm,
        }
    )


def export_state(settings: Settings, network: Network) -> NetworkState:
    """State of `exported_settings(settings)` whose predictions are those of `network` in evaluation mode.

    Counters are 0 for a weight of +1 and -1 for a weight of -1; the classifier's weights are the prototypes; batch
    normalisation becomes thresholds.
    """
    weights = [_bits(layer.latent) for layer in network.hidden()]
    thresholds = []
    if settings.baseline.batch_norm:
        for index, layer in enumerate(network.hidden()):
            flipped, threshold = fold_batch_norm(layer)
            weights[index] = weights[index] ^ flipped[:, None]
            thresholds.append(threshold)
    layers = settings.network.layers
    random = np.random.default_rng([settings.learning.seed, GENERATORS])
    generators = settings.learning.generators or random.integers(1, 2**32, layers)
    return NetworkState(
        counters=tuple(bits.astype(np.int16) - np.int16(1) for bits in weights),
        prototypes=_bits(network.classifier).astype(np.uint8),
        generators=np.array(generators, np.uint32),
        accumulators=np.zeros(layers, np.uint32),
        thresholds=tuple(thresholds),
    ).validate(exported_settings(settings))


def fold_batch_norm(layer: BinaryLayer) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Batch normalisation and sign as one comparison a neuron: whose weights to flip, and thresholds, both (K_out,).

    A neuron whose scale is negative is active for low z: its weights are flipped, which turns z into -z. The
    threshold is the lowest of the z that a neuron can have (-K_in, -K_in + 2, .., K_in) for which it is active, or
    K_in + 1. It is found by bisection on what the layer itself computes: no rounding can come between the two.
    """
    outputs, inputs = layer.latent.shape
    norm = layer.norm
    assert norm is not None
    direction = torch.where(norm.weight < 0, -1.0, 1.0)
    # Neuron j is active for z = 2 * match - K_in from match = high_j on, and is not below match = low_j.
    low, high = torch.zeros(outputs, dtype=torch.int64), torch.full((outputs,), inputs + 1)
    training = layer.training
    layer.eval()
    with torch.no_grad():
        while bool((low < high).any()):
            match = (low + high) // 2
            z = (2 * match - inputs).to(torch.float32) * direction
            active = layer.activate(z[None])[0] > 0
            high = torch.where(active, match, high)
            low = torch.where(active, low, torch.minimum(match + 1, high))
    layer.train(training)
    threshold = torch.where(high > inputs, inputs + 1, 2 * high - inputs)
    return _array(direction < 0), _array(threshold).astype(np.int32)


def _bits(latent: torch.Tensor) -> NDArray[np.bool_]:
    return _array(latent >= 0)


def _array(tensor: torch.Tensor) -> NDArray[Any]:
    return tensor.detach().numpy()
