"""The baseline while it learns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bephw.baselines.hardening import hardened
from bephw.baselines.networks import Network, build
from bephw.golden.training import Samples, epoch_order
from bephw.pytorch.epochs import EpochTrainer, Predict, share_of_right
from bephw.pytorch.tensors import signs, tensor
from bephw.settings import Settings

__all__ = ["Trainer"]

EVALUATED = 1_000
MEASURED = 5_000  # training samples of an epoch, at most, that give a hard network its statistics


class Trainer(EpochTrainer):
    """A network with latent weights, and its optimiser, Adam.

    Attributes:
        network: the one that learns.
        hard: the one that predicts and is exported, all of whose signs are signs: `network` itself in evaluation mode,
            or where an estimator's batch norm goes with values that are no signs, a copy with statistics of its own.
    """

    def __init__(self, settings: Settings, epochs: int | None = None) -> None:
        """`epochs`: in all, by which schedules go; `learning.epochs` where None."""
        self.network = build(settings, torch.Generator().manual_seed(settings.learning.seed))
        self.hard = self.network
        self._epochs = settings.learning.epochs if epochs is None else epochs
        self._latents = self.network.latents()
        rate = settings.baseline.learning_rate
        super().__init__(settings, torch.optim.Adam(self.network.parameters(), lr=rate, fused=True))

    def begin_epoch(self, number: int) -> None:
        """Schedules go on."""
        self.network.begin_epoch(number, self._epochs)

    def batches(self, n: int, number: int) -> Sequence[Tensor]:
        """With batch norm none of one sample, which has no variance."""
        batches = list(super().batches(n, number))
        if self.settings.baseline.batch_norm and len(batches) > 1 and len(batches[-1]) == 1:
            batches[-2:] = [torch.cat(batches[-2:])]
        return batches

    def logits(self, x: Tensor) -> Tensor:
        """Of the network that learns."""
        logits: Tensor = self.network(signs(x))
        return logits

    def after_step(self) -> None:
        """Latent weights stay within [-1, 1]."""
        with torch.no_grad():
            for latent in self._latents:
                latent.clamp_(-1, 1)

    def end_epoch(self, number: int, x: Tensor) -> None:
        """Makes `hard` the network of this epoch; where it needs statistics of its own, they are those of samples."""
        if self.network.soft and self.settings.baseline.batch_norm:
            measured = epoch_order(self.settings, number, len(x))[:MEASURED]
            self.hard = hardened(self.network, signs(x[measured]))
        else:
            self.hard = self.network

    def predictor(self) -> Predict:
        """The hard network."""
        return self.predict

    def predict(self, x: NDArray[Any]) -> NDArray[np.int64]:
        """Classes (n,) of bits, by the hard network.

        They are those of its export: sums of +-1 are exact in float32, and `fold_batch_norm` asks the layers
        themselves where they become active.
        """
        return _predict(self.hard.eval(), x)

    def soft_accuracy(self, samples: Samples) -> float | None:
        """The network that learns', where it is a soft one."""
        if not self.network.soft:
            return None
        self.network.eval()
        for sign in self.network.signs():
            sign.train()
        return share_of_right(lambda x: _predict(self.network, x), samples.x_test, samples.y_test)


def _predict(network: Network, x: NDArray[Any]) -> NDArray[np.int64]:
    """Classes (n,) of bits, by `network` in the mode in which it is."""
    with torch.no_grad():
        logits = [network(signs(piece)).numpy() for piece in tensor(x).split(EVALUATED)]
    return np.concatenate(logits).argmax(axis=1)
