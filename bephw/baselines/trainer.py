"""The training loop of the baseline, one epoch at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from bephw.baselines.hardening import hardened
from bephw.baselines.networks import Network, build
from bephw.golden.history import Epoch
from bephw.golden.training import Samples, epoch_order, training_bits
from bephw.settings import Settings

__all__ = ["Trainer", "one_thread"]

REPORTED = 2_000
EVALUATED = 1_000
MEASURED = 5_000  # training samples of an epoch, at most, that give a hard network its statistics


class Trainer:
    """A network and its optimiser, Adam. Results depend on the number of PyTorch's threads: see `one_thread`.

    Attributes:
        network: the one that learns.
        hard: the one that predicts and is exported, all of whose signs are signs: `network` itself in evaluation mode,
            or where an estimator's batch norm goes with values that are no signs, a copy with statistics of its own.
    """

    def __init__(self, settings: Settings, epochs: int | None = None) -> None:
        """`epochs`: in all, by which schedules go; `learning.epochs` where None."""
        self.settings = settings
        self.network = build(settings, torch.Generator().manual_seed(settings.learning.seed))
        self.hard = self.network
        self._epochs = settings.learning.epochs if epochs is None else epochs
        self._latents = self.network.latents()
        parameters = self.network.parameters()
        self._optimizer = torch.optim.Adam(parameters, lr=settings.baseline.learning_rate, fused=True)

    def epoch(self, number: int, samples: Samples, on_samples: Callable[[int], object] | None = None) -> Epoch:
        """Epoch `number` (from 1): the training samples in the golden model's order, and the accuracies afterwards."""
        began, began_learning = time.perf_counter(), time.thread_time()
        everything = np.arange(len(samples.x_train))
        x = _tensor(training_bits(self.settings, samples, number, everything))
        y = _tensor(samples.y_train.astype(np.int64))
        self.network.begin_epoch(number, self._epochs)
        hits = unreported = 0
        for rows in self._batches(len(x), number):
            hits += self._step(_signs(x[rows]), y[rows])
            unreported += len(rows)
            if on_samples and unreported >= REPORTED:
                on_samples(unreported)
                unreported = 0
        if on_samples and unreported:
            on_samples(unreported)
        self._harden(x[epoch_order(self.settings, number, len(x))[:MEASURED]])
        learning_seconds = time.thread_time() - began_learning
        return Epoch(
            epoch=number,
            train_accuracy=hits / len(x),
            validation_accuracy=self._accuracy(samples.x_validation, samples.y_validation),
            test_accuracy=self._accuracy(samples.x_test, samples.y_test),
            taught=1.0,
            rates=(),
            gamma=(),
            seconds=time.perf_counter() - began,
            learning_seconds=learning_seconds,
            soft_accuracy=self._soft_accuracy(samples),
        )

    def predict(self, x: NDArray[Any]) -> NDArray[np.int64]:
        """Classes (n,) of bits, by the hard network.

        They are those of its export: sums of +-1 are exact in float32, and `fold_batch_norm` asks the layers
        themselves where they become active.
        """
        return _predict(self.hard.eval(), x)

    def _batches(self, n: int, epoch: int) -> list[Tensor]:
        """Which samples are in each batch."""
        batches = list(torch.from_numpy(epoch_order(self.settings, epoch, n)).split(self.settings.learning.batch))
        if self.settings.baseline.batch_norm and len(batches) > 1 and len(batches[-1]) == 1:
            # One sample has no variance.
            batches[-2:] = [torch.cat(batches[-2:])]
        return batches

    def _step(self, x: Tensor, y: Tensor) -> int:
        """Learn from one batch; the number of samples that were classified right before."""
        logits = self.network(x)
        self._optimizer.zero_grad()
        cross_entropy(logits, y).backward()
        self._optimizer.step()
        with torch.no_grad():
            for latent in self._latents:
                latent.clamp_(-1, 1)
            return int((logits.argmax(dim=1) == y).sum())

    def _harden(self, x: Tensor) -> None:
        """Make `hard` the network of this epoch; where it needs statistics of its own, they are those of bits `x`."""
        separate = self.network.soft and self.settings.baseline.batch_norm
        self.hard = hardened(self.network, _signs(x)) if separate else self.network

    def _accuracy(self, x: NDArray[Any] | None, y: NDArray[Any] | None) -> float | None:
        """Share of samples that are classified right; None without samples."""
        if x is None or y is None or not len(x):
            return None
        return float((self.predict(x) == y).mean())

    def _soft_accuracy(self, samples: Samples) -> float | None:
        """Share of the held-out samples that the network that learns, where it is a soft one, classifies right."""
        if not (self.network.soft and len(samples.x_test)):
            return None
        self.network.eval()
        for sign in self.network.signs():
            sign.train()
        return float((_predict(self.network, samples.x_test) == samples.y_test).mean())


@contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch on one thread, so that sums have one order; the number before is restored."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _predict(network: Network, x: NDArray[Any]) -> NDArray[np.int64]:
    """Classes (n,) of bits, by `network` in the mode in which it is."""
    with torch.no_grad():
        logits = [network(_signs(piece)).numpy() for piece in _tensor(x).split(EVALUATED)]
    return np.concatenate(logits).argmax(axis=1)


def _tensor(array: NDArray[Any]) -> Tensor:
    """As a tensor, which shares the memory where it is writable (PyTorch warns of any other)."""
    return torch.from_numpy(np.require(array, requirements=["C", "W"]))


def _signs(bits: Tensor) -> Tensor:
    """0/1 to -1/+1."""
    return bits.float().mul_(2).sub_(1)
