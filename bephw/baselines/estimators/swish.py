"""BNN+ (arXiv 1812.11800): signs forward, SignSwish's derivative backward."""

from __future__ import annotations

from torch import Tensor

from bephw.baselines.estimators.interface import Estimator, Sign
from bephw.baselines.estimators.sign_swish import swish_sign

__all__ = ["Swish", "SwishSign"]

SHARPNESS = 5.0  # beta, the default of the implementation that was read (Larq)


class SwishSign(Sign):
    """sign(t / deviation), with the gradient of SignSwish."""

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self._deviation = deviation

    def train_forward(self, t: Tensor) -> Tensor:
        return swish_sign(t, SHARPNESS) if self._deviation == 1 else swish_sign(t / self._deviation, SHARPNESS)


class Swish(Estimator):
    """The same for weights and activations; sums are seen in units of their deviation."""

    def weights(self, outputs: int, inputs: int) -> Sign:
        return SwishSign(1.0)

    def activations(self, outputs: int, deviation: float) -> Sign:
        return SwishSign(deviation)
