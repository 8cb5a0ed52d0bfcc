"""The straight-through estimator as it is usually written."""

from __future__ import annotations

from torch import Tensor

from bephw.baselines.estimators.interface import Estimator, Sign
from bephw.baselines.straight_through import binarise, sign

__all__ = ["Clipped", "Passed", "Textbook"]


class Passed(Sign):
    """The gradient passes unchanged."""

    def train_forward(self, t: Tensor) -> Tensor:
        return binarise(t)


class Clipped(Sign):
    """The gradient is that of t / window, clipped to [-1, 1]."""

    def __init__(self, window: float) -> None:
        super().__init__()
        self._window = window

    def train_forward(self, t: Tensor) -> Tensor:
        return sign(t, self._window)


class Textbook(Estimator):
    """Gradients pass signs of weights unchanged (their latent weights are kept in [-1, 1]), and signs of sums z where
    abs(z) <= 1.
    """

    def weights(self, outputs: int, inputs: int) -> Sign:
        return Passed()

    def activations(self, outputs: int, deviation: float) -> Sign:
        return Clipped(1.0)
