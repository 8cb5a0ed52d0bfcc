"""The training loop of a G-Net, one epoch at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from bephw.gnet.embedding import Embedding, RealLayer
from bephw.gnet.network import build
from bephw.golden.history import Epoch
from bephw.golden.model import GoldenModel
from bephw.golden.training import Samples, epoch_order, training_bits
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Trainer"]

REPORTED = 2_000
EVALUATED = 1_000


class Trainer:
    """A network of real numbers, its optimiser (Adam), and the embedding that makes it binary.

    The learning rate falls to 0 along half a cosine, in so many `epochs`. Results depend on the number of PyTorch's
    threads: see `bephw.baselines.trainer.one_thread`.
    """

    def __init__(self, settings: Settings, epochs: int) -> None:
        self.settings = settings
        self.embedding = Embedding(settings)
        self.network = build(settings)
        self._epochs = epochs
        self._optimizer = torch.optim.Adam(self.network.parameters(), lr=settings.gnet.learning_rate, fused=True)

    @property
    def state(self) -> NetworkState:
        """Of the binary network that the network is now."""
        layers = self.network.angle_layers()
        return self.embedding.state([RealLayer(layer.weight.detach().numpy(), layer.beta.item()) for layer in layers])

    def epoch(self, number: int, samples: Samples, on_samples: Callable[[int], object] | None = None) -> Epoch:
        """Epoch `number` (from 1): the training samples in the golden model's order, and the accuracies afterwards."""
        began, began_learning = time.perf_counter(), time.thread_time()
        hits = self.learn(number, samples, on_samples)
        learning_seconds = time.thread_time() - began_learning
        model = GoldenModel(self.embedding.settings, self.state)
        return Epoch(
            epoch=number,
            train_accuracy=hits / len(samples.x_train),
            validation_accuracy=_accuracy(model, samples.x_validation, samples.y_validation),
            test_accuracy=_accuracy(model, samples.x_test, samples.y_test),
            taught=1.0,
            rates=(),
            gamma=(),
            seconds=time.perf_counter() - began,
            learning_seconds=learning_seconds,
            soft_accuracy=self.float_accuracy(samples.x_test, samples.y_test),
        )

    def float_accuracy(self, x: NDArray[Any], y: NDArray[Any]) -> float | None:
        """Share of samples that the network of real numbers classifies right; None without samples."""
        if not len(x):
            return None
        self.network.eval()
        with torch.no_grad():
            logits = torch.cat([self.network(_signs(piece)) for piece in _tensor(x).split(EVALUATED)])
        return float((logits.argmax(dim=1).numpy() == y).mean())

    def learn(self, number: int, samples: Samples, on_samples: Callable[[int], object] | None = None) -> int:
        """Epoch `number` (from 1): learn from all training samples; how many were classified right before."""
        self._set_rate((number - 1) / self._epochs)
        x = _tensor(training_bits(self.settings, samples, number, np.arange(len(samples.x_train))))
        y = _tensor(samples.y_train.astype(np.int64))
        order = torch.from_numpy(epoch_order(self.settings, number, len(x)))
        self.network.train()
        hits = unreported = 0
        for rows in order.split(self.settings.learning.batch):
            logits = self.network(_signs(x[rows]))
            self._optimizer.zero_grad()
            cross_entropy(logits, y[rows]).backward()
            self._optimizer.step()
            hits += int((logits.argmax(dim=1) == y[rows]).sum())
            unreported += len(rows)
            if on_samples and unreported >= REPORTED:
                on_samples(unreported)
                unreported = 0
        if on_samples and unreported:
            on_samples(unreported)
        return hits

    def _set_rate(self, past: float) -> None:
        """The learning rate after the share `past` of all epochs."""
        for group in self._optimizer.param_groups:
            group["lr"] = self.settings.gnet.learning_rate * (1 + math.cos(math.pi * min(past, 1))) / 2


def _accuracy(model: GoldenModel, x: NDArray[Any] | None, y: NDArray[Any] | None) -> float | None:
    """Share of samples that the binary network classifies right; None without samples."""
    if x is None or y is None or not len(x):
        return None
    return float((model.predict(x)[0] == y).mean())


def _tensor(array: NDArray[Any]) -> Tensor:
    """As a tensor, which shares the memory where it is writable (PyTorch warns of any other)."""
    return torch.from_numpy(np.require(array, requirements=["C", "W"]))


def _signs(bits: Tensor) -> Tensor:
    """0/1 to -1/+1."""
    return bits.float().mul_(2).sub_(1)
