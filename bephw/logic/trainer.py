"""A network of logic gates that learns."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from bephw.golden.logic_model import LogicModel
from bephw.golden.training import Samples, training_bits
from bephw.logic.connections import connections
from bephw.logic.gates import GateLayer
from bephw.logic_state import LogicState
from bephw.pytorch.epochs import EpochTrainer, Predict, share_of_right
from bephw.settings import Settings

__all__ = ["Trainer", "default_tau", "group_sums"]


def group_sums(outputs: Tensor, classes: int, tau: float) -> Tensor:
    """Logits (batch, classes) of outputs (gates, batch): each class has as many, one after the other."""
    return outputs.reshape(classes, -1, outputs.shape[1]).sum(dim=1).T / tau


def default_tau(settings: Settings) -> float:
    """A third of the square root of the outputs a class.

    Of 4 layers of 500 gates for the digits, validation samples were classified best with 2.5 for 50 outputs (94.5 %,
    three seeds; with 4: 93.9 %, 7: 90.7 %, 14: 88.2 %); difflogic takes 10 for 800, and 30 for 6,400.
    """
    return math.sqrt(settings.network.sizes[-1] / settings.network.classes) / 3


class Trainer(EpochTrainer):
    """A network of gates, and its optimiser, Adam. Accuracies, also of training samples, are the hard network's."""

    def __init__(self, settings: Settings) -> None:
        random = torch.Generator().manual_seed(settings.learning.seed)
        residual = settings.logic.initial == "residual"
        self._layers = [
            GateLayer(pairs, inputs, residual=residual, random=random)
            for pairs, (_, inputs) in zip(connections(settings), settings.matrices, strict=True)
        ]
        self.network = nn.Sequential(*self._layers)
        self._tau = settings.logic.tau or default_tau(settings)
        rate = settings.logic.learning_rate
        super().__init__(settings, torch.optim.Adam(self.network.parameters(), lr=rate, fused=True))

    @property
    def state(self) -> LogicState:
        """The network with every gate the likeliest of its mixture."""
        return LogicState(tuple(layer.hard() for layer in self._layers))

    def logits(self, x: Tensor) -> Tensor:
        """Of the mixtures."""
        return group_sums(self.network(x.T.float()), self.settings.network.classes, self._tau)

    def predictor(self) -> Predict:
        """The hard network."""
        model = LogicModel(self.settings, self.state)
        return lambda x: model.predict(x)[0]

    def train_accuracy(self, learnt: float, number: int, samples: Samples, predict: Predict) -> float:
        """The hard network's, after the epoch."""
        x: NDArray[Any] = training_bits(self.settings, samples, number, np.arange(len(samples.x_train)))
        return share_of_right(predict, x, samples.y_train) or 0.0
