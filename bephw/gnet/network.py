"""The network of real numbers: each neuron sees the angle between its inputs and its weights (arXiv 2511.21063)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from bephw.settings import Settings

__all__ = ["AngleLayer", "Network", "build"]

LARGEST_COSINE = 1 - 1e-6  # The slope of asin is infinite at 1.
FIRST_SCALE = 10.0  # Of the logits, which are cosines: only then can a sample be learnt for certain.


class AngleLayer(nn.Module):
    """`outputs` cosines, of the angles between inputs moved by a scalar and the rows of weights.

    The lengths of the rows do not count, so a batch norm's scales would change nothing.

    Attributes:
        weight: float32 (outputs, inputs).
        beta: float32 scalar, what all inputs are moved by.
    """

    def __init__(self, outputs: int, inputs: int, random: torch.Generator) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, generator=random) / math.sqrt(inputs))
        self.beta = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """Cosines (n, outputs) of inputs (n, inputs); 0 where all of these are 0."""
        rows = functional.normalize(self.weight, dim=1)
        return functional.linear(functional.normalize(x + self.beta, dim=1), rows)


class Network(nn.Module):
    """Hidden layers `tanh(alpha * asin(cosine))`, and a classifier whose logits are cosines times a learnt scale.

    Attributes:
        layers: hidden layers, that of the inputs first, then the classifier.
        alpha: float32, one for each hidden layer.
    """

    def __init__(self, settings: Settings, random: torch.Generator) -> None:
        super().__init__()
        sizes = (*settings.network.sizes, settings.network.classes)
        pairs = zip(sizes[1:], sizes[:-1], strict=True)
        self.layers = nn.ModuleList(AngleLayer(outputs, inputs, random) for outputs, inputs in pairs)
        self.alpha = nn.Parameter(torch.full((len(sizes) - 2,), settings.gnet.alpha))
        self._scale = nn.Parameter(torch.tensor(FIRST_SCALE))
        self._dimensions = settings.dimensions if settings.gnet.noise else ()
        self._random = random

    def angle_layers(self) -> list[AngleLayer]:
        """Hidden layers and classifier."""
        return [layer for layer in self.layers if isinstance(layer, AngleLayer)]

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, classes) of inputs (n, K_0) of +1 and -1."""
        *hidden, classifier = self.angle_layers()
        for index, layer in enumerate(hidden):
            angle = torch.asin(layer(x).clamp(-LARGEST_COSINE, LARGEST_COSINE))
            x = torch.tanh(self.alpha[index] * self._as_embedded(angle, index))
        return self._scale * self._as_embedded(classifier(x), len(hidden))

    def _as_embedded(self, angle: Tensor, index: int) -> Tensor:
        """In training, `angle` as N random signs tell it: of the sum of N products, which are +1 with probability
        1/2 + angle / pi, the deviation is sqrt(N (1 - (2 angle / pi)^2))."""
        if not (self.training and self._dimensions):
            return angle
        agreement = 2 / math.pi * angle.detach()
        deviation = math.pi / 2 * ((1 - agreement**2) / self._dimensions[index]).sqrt()
        return angle + deviation * torch.randn(angle.shape, generator=self._random)


def build(settings: Settings) -> Network:
    """The network that `settings` describe, its weights drawn by `learning.seed`."""
    return Network(settings, torch.Generator().manual_seed(settings.learning.seed))
