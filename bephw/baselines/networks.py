"""The networks of the baseline: binary weights and activations, and latent weights that learn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from bephw.baselines.straight_through import binarise, sign
from bephw.settings import Settings

__all__ = ["BinaryLayer", "Cell", "Network", "build"]

# Logits are z times this over sqrt(K_L). Measured on FashionMNIST, 784-135-135, 6 epochs, without and with batch
# norm: 2: 81.9, 82.5; 1: 84.0, 83.9; 0.5: 85.3, 85.5; 0.25: 85.2, 84.7.
LOGIT_SCALE = 0.5


class BinaryLayer(nn.Module):
    """`outputs` neurons: z = sum of +-1 products with the signs of the latent weights, then the sign of z.

    Attributes:
        latent: float32 (outputs, inputs), in [-1, 1].
        norm: batch normalisation between z and its sign, or None.
    """

    def __init__(
        self, outputs: int, inputs: int, *, batch_norm: bool, random: torch.Generator, scaled: bool = True
    ) -> None:
        super().__init__()
        self.latent = nn.Parameter(_initial(outputs, inputs, random))
        self.norm = nn.BatchNorm1d(outputs) if batch_norm else None
        # sqrt(inputs) is the deviation of z for random signs: in a recurrent network, a gradient that is not scaled by
        # it grows from step to step.
        self._window = math.sqrt(inputs) if scaled and not batch_norm else 1.0

    def forward(self, a: Tensor) -> Tensor:
        """Activations (n, outputs) of inputs (n, inputs), all +1 or -1."""
        return self.activate(functional.linear(a, binarise(self.latent)))

    def activate(self, z: Tensor) -> Tensor:
        """Activations of sums `z`, both (n, outputs)."""
        return sign(z if self.norm is None else self.norm(z), self._window)


class Cell(BinaryLayer):
    """A layer whose inputs are those of a step, then its own outputs of the step before (`outputs` of `inputs`).

    Its neurons have one threshold for all steps, so batch normalisation takes the running statistics in training too,
    and afterwards moves them by those of all steps of the batch. Normalised step by step in training, ArrowHead (25
    steps) stayed at chance in evaluation; this way it comes to 65 %.
    """

    def __init__(
        self, outputs: int, inputs: int, *, batch_norm: bool, random: torch.Generator, scaled: bool = True
    ) -> None:
        super().__init__(outputs, inputs, batch_norm=batch_norm, random=random, scaled=scaled)
        if self.norm is not None and self.norm.running_var is not None:
            self.norm.running_var.fill_(inputs)  # That of random signs.

    def forward(self, x: Tensor) -> Tensor:
        """State (n, outputs) after the last step of series (n, steps, step inputs), all +1 or -1; it starts as ones."""
        weights, step_inputs = binarise(self.latent), x.shape[2]
        # The inputs' share of z, of all steps at once.
        shares = functional.linear(x.transpose(0, 1), weights[:, :step_inputs])
        recurrent = weights[:, step_inputs:].T
        state, sums = x.new_ones(len(x), len(weights)), []
        normalise = self._running_norm()
        for share in shares:
            sums.append(torch.addmm(share, state, recurrent))
            state = sign(normalise(sums[-1]), self._window)
        if self.norm is not None and self.norm.training:
            with torch.no_grad():
                self.norm(torch.cat(sums))
        return state

    def _running_norm(self) -> Callable[[Tensor], Tensor]:
        norm = self.norm
        if norm is None or norm.running_mean is None or norm.running_var is None:
            return lambda z: z
        # Copies, as the statistics move before the gradient is taken.
        mean, variance = norm.running_mean.clone(), norm.running_var.clone()
        return lambda z: functional.batch_norm(z, mean, variance, norm.weight, norm.bias, training=False, eps=norm.eps)


class Network(nn.Module):
    """Hidden layers and a classifier, one more binary layer, whose sums times a fixed factor are the logits.

    Without a cell it is a multi-layer perceptron; with one as its first layer, BEP-TT's recurrent network.

    Attributes:
        layers: the hidden layers, that of the inputs first.
        classifier: float32 (classes, K_L) latent weights.
    """

    def __init__(self, layers: Sequence[BinaryLayer], classes: int, random: torch.Generator) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        width = len(layers[-1].latent)
        self.classifier = nn.Parameter(_initial(classes, width, random))
        self._scale = LOGIT_SCALE / math.sqrt(width)

    def hidden(self) -> Iterator[BinaryLayer]:
        """The hidden layers."""
        for layer in self.layers:
            assert isinstance(layer, BinaryLayer)
            yield layer

    def latents(self) -> list[nn.Parameter]:
        """All latent weights."""
        return [*(layer.latent for layer in self.hidden()), self.classifier]

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, classes) of inputs (n, K_0) of +1 and -1, or of series of them (n, steps, K_0)."""
        for layer in self.layers:
            x = layer(x)
        return functional.linear(x, binarise(self.classifier)) * self._scale


def build(settings: Settings, random: torch.Generator) -> Network:
    """The network that `settings` describe, its latent weights drawn from `random`."""
    kinds = [Cell if settings.recurrent and index == 0 else BinaryLayer for index in range(settings.network.layers)]
    scaled = settings.baseline.estimator == "scaled"
    layers = [
        kind(outputs, inputs, batch_norm=settings.baseline.batch_norm, random=random, scaled=scaled)
        for kind, (outputs, inputs) in zip(kinds, settings.matrices, strict=True)
    ]
    return Network(layers, settings.network.classes, random)


def _initial(outputs: int, inputs: int, random: torch.Generator) -> Tensor:
    """Uniform, as wide as Glorot and Bengio have it."""
    reach = min(1.0, math.sqrt(6 / (inputs + outputs)))
    return torch.empty(outputs, inputs).uniform_(-reach, reach, generator=random)
