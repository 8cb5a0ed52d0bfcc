"""A G-Net that learns."""

from __future__ import annotations

import math
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from bephw.gnet.embedding import Embedding, RealLayer
from bephw.gnet.network import build
from bephw.golden.model import GoldenModel
from bephw.golden.training import Samples
from bephw.pytorch.epochs import EpochTrainer, Predict
from bephw.pytorch.tensors import signs, tensor
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Trainer"]

EVALUATED = 1_000


class Trainer(EpochTrainer):
    """A network of real numbers, its optimiser (Adam), and the embedding that makes it binary, which predicts.

    The learning rate falls to 0 along half a cosine, in so many `epochs`.
    """

    def __init__(self, settings: Settings, epochs: int) -> None:
        self.embedding = Embedding(settings)
        self.network = build(settings)
        self._epochs = epochs
        rate = settings.gnet.learning_rate
        super().__init__(settings, torch.optim.Adam(self.network.parameters(), lr=rate, fused=True))

    @property
    def state(self) -> NetworkState:
        """Of the binary network that the network is now."""
        layers = self.network.angle_layers()
        return self.embedding.state([RealLayer(layer.weight.detach().numpy(), layer.beta.item()) for layer in layers])

    def begin_epoch(self, number: int) -> None:
        """Sets the learning rate."""
        past = min((number - 1) / self._epochs, 1)
        for group in self._optimizer.param_groups:
            group["lr"] = self.settings.gnet.learning_rate * (1 + math.cos(math.pi * past)) / 2
        self.network.train()

    def logits(self, x: Tensor) -> Tensor:
        """Of the network of real numbers."""
        logits: Tensor = self.network(signs(x))
        return logits

    def predictor(self) -> Predict:
        """The binary network."""
        model = GoldenModel(self.embedding.settings, self.state)
        return lambda x: model.predict(x)[0]

    def soft_accuracy(self, samples: Samples) -> float | None:
        """The network of real numbers'."""
        return self.float_accuracy(samples.x_test, samples.y_test)

    def float_accuracy(self, x: NDArray[Any], y: NDArray[Any]) -> float | None:
        """Share of samples that the network of real numbers classifies right; None without samples."""
        if not len(x):
            return None
        self.network.eval()
        with torch.no_grad():
            logits = torch.cat([self.network(signs(piece)) for piece in tensor(x).split(EVALUATED)])
        return float((logits.argmax(dim=1).numpy() == y).mean())
