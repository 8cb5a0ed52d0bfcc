"""The straight-through estimator with a window as wide as its sums."""

from __future__ import annotations

from bephw.baselines.estimators.interface import Estimator, Sign
from bephw.baselines.estimators.textbook import Clipped, Passed

__all__ = ["Scaled"]


class Scaled(Estimator):
    """Gradients pass signs of weights unchanged, and signs of sums z where abs(z) <= their deviation, divided by it.

    In a recurrent network, a gradient that is not divided by the deviation grows from step to step.
    """

    def weights(self, outputs: int, inputs: int) -> Sign:
        return Passed()

    def activations(self, outputs: int, deviation: float) -> Sign:
        return Clipped(deviation)
