"""How the features of data relate to the inputs of a network."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from bephw.errors import check
from bephw.exchange.carried import Carried, exact

__all__ = ["InputRange"]


@dataclass(frozen=True)
class InputRange:
    """A network's input is `(feature / scale - mean) / deviation`, as torchvision's ToTensor and Normalize do it.

    Attributes:
        scale: 255 for images of 0 to 255 that the network takes as 0 to 1.
        mean, deviation: of the normalisation before the network, if there is one.

    Raises `BephwError` where `scale` or `deviation` is not above 0, or one is not finite.
    """

    scale: float = 1.0
    mean: float = 0.0
    deviation: float = 1.0

    def __post_init__(self) -> None:
        for name in ("scale", "mean", "deviation"):
            value = getattr(self, name)
            check(bool(np.isfinite(value)), f"input {name} must be finite, not {value}")
            check(name == "mean" or value > 0, f"input {name} must be above 0, not {value}")

    def of(self, features: Carried) -> Carried:
        """The network's input, by features of data."""
        scale, mean, deviation = (Fraction(repr(float(value))) for value in (self.scale, self.mean, self.deviation))
        return features.scaled(exact(np.array(1 / (scale * deviation)))).shifted(exact(np.array(-mean / deviation)))
