"""From a G-Net to a binary network of twice as many layers, half of which are random (arXiv 2511.21063).

For a random vector g, `E[sign(g u) sign(g v)] = 2/pi * asin(cos(u, v))`. So N random signs of the inputs, compared with
those of a neuron's weights, tell the angle between the two; and the sign of the angle is that of the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bephw.generated import generated_weights
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Embedding", "RealLayer", "embedded_settings", "least_sums"]

SEEDS, GENERATORS = 5, 2  # Random streams of these names; the golden model has 0 to 4.
KEPT = ("batch", "epochs", "seed")  # Of `learning`; the others do not concern a G-Net.


class RealLayer(NamedTuple):
    """A layer of the G-Net: `weights` (K_out, K_in), and what its inputs are moved by."""

    weights: NDArray[np.float32]
    beta: float


def embedded_settings(settings: Settings) -> Settings:
    """`settings` of a G-Net, as those of the binary network that it becomes.

    Raises `BephwError` where there is no such network, or `hardware` does not fit it.
    """
    sizes, dimensions = settings.network.sizes, settings.dimensions
    # Inputs, random layer, layer, random layer, .., random layer; the layer of the last one is the classifier.
    all_sizes = [size for pair in zip(sizes, dimensions, strict=True) for size in pair]
    generated = [seed for random_seed in random_seeds(settings) for seed in (random_seed, 0)][:-1]
    learning = {name: getattr(settings.learning, name) for name in KEPT if name in settings.learning.model_fields_set}
    return settings.replace(
        {
            "network.sizes": all_sizes,
            "network.thresholds": True,
            "network.generated": () if settings.gnet.stored else generated,
            "learning": learning,
        }
    )


def random_seeds(settings: Settings) -> list[int]:
    """A seed for the matrix of each random layer of a G-Net."""
    random = np.random.default_rng([settings.learning.seed, SEEDS])
    return random.integers(1, 2**32, len(settings.dimensions)).tolist()


def least_sums(signs: NDArray[np.float64], beta: float) -> NDArray[np.int32]:
    """Thresholds (N,) of a random layer with rows `signs` (N, K_in): the least integers z, or all that there are, for
    which z + beta * (sum of the row) is not negative."""
    inputs = signs.shape[1]
    return np.clip(np.ceil(-beta * signs.sum(axis=1)), -inputs, inputs + 1).astype(np.int32)


class Embedding:
    """The random layers of `settings`, with which networks of real numbers become binary ones.

    Attributes:
        settings: of these, see `embedded_settings`.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = embedded_settings(settings)
        shapes = zip(random_seeds(settings), self.settings.matrices[::2], strict=True)
        self._random = [generated_weights(seed, *shape) for seed, shape in shapes]
        random = np.random.default_rng([settings.learning.seed, GENERATORS])
        self._generators = random.integers(1, 2**32, self.settings.network.layers).astype(np.uint32)

    def state(self, layers: Sequence[RealLayer]) -> NetworkState:
        """State of the binary network for the `layers` of a G-Net, its classifier last.

        Of layer i the random layer's weights are the generated matrix G, and its thresholds `least_sums`; what follows
        has the weights sign(W G') and thresholds 0, or is the classifier with these as prototypes. A sum of 0 is
        positive everywhere.
        """
        bits: list[NDArray[np.bool_]] = []
        thresholds: list[NDArray[np.int32]] = []
        for (weights, beta), random in zip(layers, self._random, strict=True):
            signs = 2 * random.astype(np.float64) - 1
            bits += [random > 0, weights.astype(np.float64) @ signs.T >= 0]
            thresholds += [least_sums(signs, beta), np.zeros(len(weights), np.int32)]
        return NetworkState(
            counters=tuple(found.astype(np.int16) - np.int16(1) for found in bits[:-1]),
            prototypes=bits[-1].astype(np.uint8),
            generators=self._generators,
            accumulators=np.zeros(len(self._generators), np.uint32),
            thresholds=tuple(thresholds[:-1]),
        ).validate(self.settings)
