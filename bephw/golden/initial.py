"""The state that training starts from (numerics.md section 6)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bephw.errors import check
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["default_sigma", "equiangular_frame", "initial_state", "normal_counters"]

MOST_FLIPS = 50_000
FLIPS_A_BIT = 20
MOST_FRAME_CLASSES = 1024

# Each kind of data has a random stream of its own, so that one does not move with the size of another.
COUNTERS, PROTOTYPES, GENERATORS = range(3)


def initial_state(settings: Settings) -> NetworkState:
    """Counters, prototypes, generators and empty accumulators; the same for the same settings, anywhere.

    The local rule's other classifiers are drawn after the last layer's. Raises `BephwError` for settings with
    thresholds or scores, which come from elsewhere.
    """
    reason = settings.network.for_inference
    check(not reason, f"{reason}: such a network cannot learn; it needs a state from a file")
    check(not settings.open, "network.sizes[0] and network.classes must be known, not 0 (as many as the data have)")
    learning, network = settings.learning, settings.network
    counters_random, prototypes_random, generators_random = (
        np.random.default_rng([learning.seed, stream]) for stream in (COUNTERS, PROTOTYPES, GENERATORS)
    )
    sigma = learning.sigma if learning.sigma is not None else default_sigma(learning.bits)
    generators = learning.generators or generators_random.integers(1, 2**32, network.layers)
    *hidden, last = network.sizes[1:]
    return NetworkState(
        counters=tuple(normal_counters(shape, sigma, learning.bits, counters_random) for shape in settings.matrices),
        prototypes=equiangular_frame(network.classes, last, prototypes_random),
        hidden_prototypes=tuple(
            equiangular_frame(network.classes, width, prototypes_random) for width in (hidden if settings.local else ())
        ),
        generators=np.array(generators, np.uint32),
        accumulators=np.zeros(network.layers, np.uint32),
    )


def default_sigma(bits: int) -> float:
    """Spread of the initial counters where the settings give none: a tenth of their reach, at most 8.

    Measured: FashionMNIST at 8 bits does not care between 5 and 21, digits are about a point better between 4 and
    10 than at 1 or 21, at 6 bits best near 3. Wide counters step by 1 all the same, hence the limit.
    """
    return min(2 ** (bits - 1) / 10, 8.0)


def normal_counters(shape: tuple[int, int], sigma: float, bits: int, random: np.random.Generator) -> NDArray[np.int16]:
    """clip(floor(normal(0, sigma))) to the range of `bits`."""
    top = 2 ** (bits - 1)
    return np.clip(np.floor(random.normal(0, sigma, shape)), -top, top - 1).astype(np.int16)


def equiangular_frame(classes: int, width: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """Prototypes (classes, width) of bits whose pairwise inner products are low and alike.

    From random bits, a random bit of a random class is flipped wherever that lowers J, the sum of the
    pairwise inner products plus their variance. Beyond `MOST_FRAME_CLASSES` classes (whose pairs would
    not fit in memory) the bits stay random, which in that many dimensions is nearly equiangular by itself.
    """
    signs = 2 * random.integers(0, 2, (classes, width)) - 1
    if classes <= MOST_FRAME_CLASSES:
        flips = min(MOST_FLIPS, FLIPS_A_BIT * classes * width)
        _descend(signs, random.integers(0, (classes, width), (flips, 2)).tolist())
    return (signs > 0).astype(np.uint8)


def _descend(signs: NDArray[np.int64], flips: list[list[int]]) -> None:
    """Make those of the (class, bit) `flips` on `signs`, in place and in order, that lower J."""
    products = signs @ signs.T
    pairs = len(signs) * (len(signs) - 1) // 2
    total = (int(products.sum()) - int(np.trace(products))) // 2
    for c, k in flips:
        change = signs[:, k] * (-2 * signs[c, k])
        change[c] = 0
        more = int(change.sum())
        more_squared = int(change @ (2 * products[c] + change))
        # The change of J = total + squares / pairs - (total / pairs)^2, times pairs^2 to stay in integers.
        if pairs * (pairs * more + more_squared) - more * (2 * total + more) < 0:
            signs[c, k] = -signs[c, k]
            products[c] += change
            products[:, c] += change
            total += more
