"""What every estimator is: it makes the signs of a network's weights and activations."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from bephw.baselines.straight_through import signs

__all__ = ["Estimator", "Sign", "progress"]


class Sign(nn.Module, ABC):
    """Real numbers to +1 and -1, of the same shape; modules for training only are its submodules.

    In evaluation mode it is the sign alone (+1 where the number is >= 0), whatever training has: what is measured,
    exported and built is the hard network.
    """

    def forward(self, t: Tensor) -> Tensor:
        return self.train_forward(t) if self.training else signs(t)

    @abstractmethod
    def train_forward(self, t: Tensor) -> Tensor:
        """Values that the network has in training, with the gradient that learning goes by."""

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Take what belongs to `epoch`, from 1, of `epochs` in all; most estimators have no schedule."""

    @property
    def soft(self) -> bool:
        """Whether values in training are other than signs, in this epoch."""
        return False


class Estimator(ABC):
    """A strategy for one network."""

    @abstractmethod
    def weights(self, outputs: int, inputs: int) -> Sign:
        """For latent weights (outputs, inputs), which lie in [-1, 1]."""

    @abstractmethod
    def activations(self, outputs: int, deviation: float) -> Sign:
        """For sums (n, outputs) whose deviation, for random weights, is `deviation`: 1 behind batch norm."""


def progress(epoch: int, epochs: int) -> float:
    """From 0 in the first epoch to 1 in the last; 0 where there is one only."""
    return min((epoch - 1) / (epochs - 1), 1.0) if epochs > 1 else 0.0
