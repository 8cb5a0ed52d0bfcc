"""The training loop of networks of logic gates, one epoch at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from bephw.golden.history import Epoch
from bephw.golden.logic_model import LogicModel
from bephw.golden.training import Samples, epoch_order, training_bits
from bephw.logic.connections import connections
from bephw.logic.gates import GateLayer
from bephw.logic_state import LogicState
from bephw.settings import Settings

__all__ = ["Trainer", "default_tau", "group_sums"]

REPORTED = 2_000


def group_sums(outputs: Tensor, classes: int, tau: float) -> Tensor:
    """Logits (batch, classes) of outputs (gates, batch): each class has as many, one after the other."""
    return outputs.reshape(classes, -1, outputs.shape[1]).sum(dim=1).T / tau


def default_tau(settings: Settings) -> float:
    """A third of the square root of the outputs a class.

    Of 4 layers of 500 gates for the digits, validation samples were classified best with 2.5 for 50 outputs (94.5 %,
    three seeds; with 4: 93.9 %, 7: 90.7 %, 14: 88.2 %); difflogic takes 10 for 800, and 30 for 6,400.
    """
    return math.sqrt(settings.network.sizes[-1] / settings.network.classes) / 3


class Trainer:
    """A network that learns, and its optimiser, Adam. Results depend on the number of PyTorch's threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        random = torch.Generator().manual_seed(settings.learning.seed)
        residual = settings.logic.initial == "residual"
        layers = [
            GateLayer(pairs, inputs, residual=residual, random=random)
            for pairs, (_, inputs) in zip(connections(settings), settings.matrices, strict=True)
        ]
        self.network = nn.Sequential(*layers)
        self._layers = layers
        self._tau = settings.logic.tau or default_tau(settings)
        rate = settings.logic.learning_rate
        self._optimizer = torch.optim.Adam(self.network.parameters(), lr=rate, fused=True)

    @property
    def state(self) -> LogicState:
        """The network with every gate the likeliest of its mixture."""
        return LogicState(tuple(layer.hard() for layer in self._layers))

    def epoch(self, number: int, samples: Samples, on_samples: Callable[[int], object] | None = None) -> Epoch:
        """Epoch `number` (from 1): the training samples in the golden model's order, and the accuracies afterwards of
        the hard network."""
        began, began_learning = time.perf_counter(), time.thread_time()
        n = len(samples.x_train)
        x = training_bits(self.settings, samples, number, np.arange(n))
        labels = torch.from_numpy(samples.y_train.astype(np.int64))
        unreported = 0
        for rows in torch.from_numpy(epoch_order(self.settings, number, n)).split(self.settings.learning.batch):
            self._step(torch.from_numpy(x[rows.numpy()].T.astype(np.float32)), labels[rows])
            unreported += len(rows)
            if on_samples and unreported >= REPORTED:
                on_samples(unreported)
                unreported = 0
        if on_samples and unreported:
            on_samples(unreported)
        learning_seconds = time.thread_time() - began_learning
        model = LogicModel(self.settings, self.state)
        return Epoch(
            epoch=number,
            train_accuracy=_accuracy(model, x, samples.y_train) or 0.0,
            validation_accuracy=_accuracy(model, samples.x_validation, samples.y_validation),
            test_accuracy=_accuracy(model, samples.x_test, samples.y_test),
            taught=1.0,
            rates=(),
            gamma=(),
            seconds=time.perf_counter() - began,
            learning_seconds=learning_seconds,
        )

    def _step(self, x: Tensor, y: Tensor) -> None:
        """Learn from one batch: inputs (inputs, batch), labels (batch,)."""
        logits = group_sums(self.network(x), self.settings.network.classes, self._tau)
        self._optimizer.zero_grad()
        cross_entropy(logits, y).backward()
        self._optimizer.step()


def _accuracy(model: LogicModel, x: NDArray[Any] | None, y: NDArray[Any] | None) -> float | None:
    """Share of samples that are classified right; None without samples."""
    if x is None or y is None or not len(x):
        return None
    return float((model.predict(x)[0] == y).mean())
