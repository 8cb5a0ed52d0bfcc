"""Training an epoch at a time."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from bephw.golden.history import Epoch
from bephw.golden.training import Samples, epoch_order, training_bits
from bephw.pytorch.tensors import tensor
from bephw.settings import Settings

__all__ = ["EpochTrainer", "share_of_right"]

REPORTED = 2_000  # samples at a time are told to whoever shows progress

OnSamples = Callable[[int], object] | None
Predict = Callable[[NDArray[Any]], NDArray[Any]]


class EpochTrainer(ABC):
    """A network that learns an epoch at a time, by the cross-entropy of its logits.

    Results depend on the number of PyTorch's threads: see `one_thread`. A subclass says what the logits of a batch are,
    and what predicts after an epoch.
    """

    def __init__(self, settings: Settings, optimizer: torch.optim.Optimizer) -> None:
        self.settings = settings
        self._optimizer = optimizer

    @abstractmethod
    def logits(self, x: Tensor) -> Tensor:
        """Of a batch to learn from: bits, a row a sample, to (batch, classes)."""

    @abstractmethod
    def predictor(self) -> Predict:
        """Of the network as it is now: from bits, a row a sample, to classes (n,)."""

    def begin_epoch(self, number: int) -> None:  # noqa: B027  nothing, unless a subclass has to
        """Called before epoch `number` (from 1)."""

    def after_step(self) -> None:  # noqa: B027  nothing, unless a subclass has to
        """Called when a batch has moved the weights."""

    def end_epoch(self, number: int, x: Tensor) -> None:  # noqa: B027  nothing, unless a subclass has to
        """Called after the last batch of an epoch, whose samples were `x`."""

    def batches(self, n: int, number: int) -> Sequence[Tensor]:
        """Which of `n` samples are in each batch of epoch `number`: they come in the golden model's order."""
        return torch.from_numpy(epoch_order(self.settings, number, n)).split(self.settings.learning.batch)

    def soft_accuracy(self, samples: Samples) -> float | None:
        """Share of the held-out samples that the network that learns classifies right, where another one predicts."""
        return None

    def train_accuracy(self, learnt: float, number: int, samples: Samples, predict: Predict) -> float:
        """Of epoch `number`: `learnt`, the share of samples that were classified right before they were learnt from."""
        return learnt

    def run(
        self,
        samples: Samples,
        epochs: int,
        on_epoch: Callable[[Epoch], object] | None = None,
        on_samples: OnSamples = None,
    ) -> list[Epoch]:
        """What each of `epochs` gave.

        on_epoch: called with every epoch as it ends.
        on_samples: called with the number of samples just finished.
        """
        history: list[Epoch] = []
        for number in range(1, epochs + 1):
            history.append(self.epoch(number, samples, on_samples))
            if on_epoch:
                on_epoch(history[-1])
        return history

    def epoch(self, number: int, samples: Samples, on_samples: OnSamples = None) -> Epoch:
        """Epoch `number` (from 1), and the accuracies afterwards."""
        began, began_learning = time.perf_counter(), time.thread_time()
        learnt = self.learn(number, samples, on_samples) / len(samples.x_train)
        learning_seconds = time.thread_time() - began_learning
        predict = self.predictor()
        return Epoch(
            epoch=number,
            train_accuracy=self.train_accuracy(learnt, number, samples, predict),
            validation_accuracy=share_of_right(predict, samples.x_validation, samples.y_validation),
            test_accuracy=share_of_right(predict, samples.x_test, samples.y_test),
            taught=1.0,
            rates=(),
            gamma=(),
            seconds=time.perf_counter() - began,
            learning_seconds=learning_seconds,
            soft_accuracy=self.soft_accuracy(samples),
        )

    def learn(self, number: int, samples: Samples, on_samples: OnSamples = None) -> int:
        """The batches of epoch `number` alone; how many samples were classified right before."""
        x = tensor(training_bits(self.settings, samples, number, np.arange(len(samples.x_train))))
        y = tensor(samples.y_train.astype(np.int64))
        self.begin_epoch(number)
        hits = unreported = 0
        for rows in self.batches(len(x), number):
            hits += self._step(x[rows], y[rows])
            unreported += len(rows)
            if on_samples and unreported >= REPORTED:
                on_samples(unreported)
                unreported = 0
        if on_samples and unreported:
            on_samples(unreported)
        self.end_epoch(number, x)
        return hits

    def _step(self, x: Tensor, y: Tensor) -> int:
        """Learn from one batch; how many samples were classified right before."""
        logits = self.logits(x)
        self._optimizer.zero_grad()
        cross_entropy(logits, y).backward()
        self._optimizer.step()
        self.after_step()
        return int((logits.detach().argmax(dim=1) == y).sum())


def share_of_right(predict: Predict, x: NDArray[Any] | None, y: NDArray[Any] | None) -> float | None:
    """Share of samples that are classified right; None without samples."""
    if x is None or y is None or not len(x):
        return None
    return float((predict(x) == y).mean())
