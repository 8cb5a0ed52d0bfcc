"""A binary network as it was found: thresholds of features, matrices of bits, thresholds of sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

__all__ = ["FoundNetwork", "Layer", "at_least"]


@dataclass
class Layer:
    """One matrix.

    Attributes:
        node: that multiplies, for messages.
        weights: bool (outputs, inputs), true for +1, against what the layer before it gives (or the encoder).
        thresholds: int32 (outputs,): a neuron is active where z >= threshold; None for the last layer.
    """

    node: str
    weights: NDArray[np.bool_]
    thresholds: NDArray[np.int32] | None = None


@dataclass
class FoundNetwork:
    """What the importer fills in on its way.

    Attributes:
        features, limits: int64 and float64 (inputs,): input k of the first matrix is 1 where feature `features[k]`
            exceeds `limits[k]`; None until they are known.
        layers: input side first.
    """

    features: NDArray[np.int64] | None = None
    limits: NDArray[np.float64] | None = None
    layers: list[Layer] = field(default_factory=list)


def at_least(value: Fraction) -> float:
    """The number of float64 that a float64 exceeds exactly where it is at least `value`."""
    try:
        near = float(value)
    except OverflowError:
        return float(np.finfo(np.float64).max if value > 0 else np.finfo(np.float64).min)
    return float(np.nextafter(near, -np.inf)) if Fraction(near) >= value else near
