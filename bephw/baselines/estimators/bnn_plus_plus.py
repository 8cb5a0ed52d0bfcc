"""BNN++ (ProxConnect++, arXiv 2402.17710): SignSwish forward and backward, ever sharper."""

from __future__ import annotations

from torch import Tensor

from bephw.baselines.estimators.interface import Estimator, Sign, progress
from bephw.baselines.estimators.sign_swish import sign_swish

__all__ = ["BNNPlusPlus", "SoftSign"]


class SoftSign(Sign):
    """SignSwish of t / deviation, whose sharpness grows from `start` to `end`, by equal steps from epoch to epoch."""

    def __init__(self, deviation: float, start: float, end: float) -> None:
        super().__init__()
        self._deviation = deviation
        self._start, self._end = start, end
        self.begin_epoch(1, 1)

    def train_forward(self, t: Tensor) -> Tensor:
        return sign_swish(t, self._mu / self._deviation)

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        self._mu = self._start + (self._end - self._start) * progress(epoch, epochs)

    @property
    def soft(self) -> bool:
        return True


class BNNPlusPlus(Estimator):
    """The same for weights and activations: ordinary back-propagation through a soft network, made hard at its end.

    mu: sharpness in the first and in the last epoch.
    """

    def __init__(self, mu: tuple[float, float]) -> None:
        self._mu = mu

    def weights(self, outputs: int, inputs: int) -> Sign:
        return SoftSign(1.0, *self._mu)

    def activations(self, outputs: int, deviation: float) -> Sign:
        return SoftSign(deviation, *self._mu)
