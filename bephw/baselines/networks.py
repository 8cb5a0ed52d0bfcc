"""The networks of the baseline: binary weights and activations, and latent weights that learn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from bephw.baselines.estimators.choice import estimator_of
from bephw.baselines.estimators.interface import Estimator, Sign
from bephw.baselines.estimators.scaled import Scaled
from bephw.settings import Settings

__all__ = ["BinaryLayer", "Cell", "Network", "build"]

# Logits are z times this over sqrt(K_L). Measured on FashionMNIST, 784-135-135, 6 epochs, without and with batch
# norm: 2: 81.9, 82.5; 1: 84.0, 83.9; 0.5: 85.3, 85.5; 0.25: 85.2, 84.7.
LOGIT_SCALE = 0.5


class BinaryLayer(nn.Module):
    """`outputs` neurons: z = sum of +-1 products with the signs of the latent weights, then the sign of z.

    What signs are in training is the estimator's business; in evaluation mode they are +1 and -1.

    Attributes:
        latent: float32 (outputs, inputs), in [-1, 1].
        norm: batch normalisation between z and its sign, or None.
    """

    def __init__(
        self,
        outputs: int,
        inputs: int,
        *,
        batch_norm: bool,
        random: torch.Generator,
        estimator: Estimator | None = None,
    ) -> None:
        super().__init__()
        estimator = estimator or Scaled()
        self.latent = nn.Parameter(_initial(outputs, inputs, random))
        self.norm = nn.BatchNorm1d(outputs) if batch_norm else None
        self.weight_sign = estimator.weights(outputs, inputs)
        # sqrt(inputs) is the deviation of z for random signs.
        self.sign = estimator.activations(outputs, 1.0 if batch_norm else math.sqrt(inputs))

    def forward(self, a: Tensor) -> Tensor:
        """Activations (n, outputs) of inputs (n, inputs), all +1 or -1."""
        return self.activate(self.sums(a))

    def sums(self, a: Tensor) -> Tensor:
        """z, (n, outputs), of inputs (n, inputs)."""
        return functional.linear(a, self.weight_sign(self.latent))

    def activate(self, z: Tensor) -> Tensor:
        """Activations of sums `z`, both (n, outputs)."""
        return self.sign(z if self.norm is None else self.norm(z))


class Cell(BinaryLayer):
    """A layer whose inputs are those of a step, then its own outputs of the step before (`outputs` of `inputs`).

    Its neurons have one threshold for all steps, so batch normalisation takes the running statistics in training too,
    and afterwards moves them by those of all steps of the batch. Normalised step by step in training, ArrowHead (25
    steps) stayed at chance in evaluation; this way it comes to 65 %.
    """

    def __init__(
        self,
        outputs: int,
        inputs: int,
        *,
        batch_norm: bool,
        random: torch.Generator,
        estimator: Estimator | None = None,
    ) -> None:
        super().__init__(outputs, inputs, batch_norm=batch_norm, random=random, estimator=estimator)
        if self.norm is not None and self.norm.running_var is not None:
            self.norm.running_var.fill_(inputs)  # That of random signs.

    def forward(self, x: Tensor) -> Tensor:
        """State (n, outputs) after the last step of series (n, steps, step inputs), all +1 or -1; it starts as ones."""
        state, sums = self._run(x)
        if self.norm is not None and self.norm.training:
            with torch.no_grad():
                self.norm(torch.cat(sums))
        return state

    def sums(self, a: Tensor) -> Tensor:
        """z of all steps, (steps * n, outputs), of series (n, steps, step inputs)."""
        return torch.cat(self._run(a)[1])

    def _run(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The last state, and z of every step, (n, outputs) each."""
        weights, step_inputs = self.weight_sign(self.latent), x.shape[2]
        # The inputs' share of z, of all steps at once.
        shares = functional.linear(x.transpose(0, 1), weights[:, :step_inputs])
        recurrent = weights[:, step_inputs:].T
        state, sums = x.new_ones(len(x), len(weights)), []
        normalise = self._running_norm()
        for share in shares:
            sums.append(torch.addmm(share, state, recurrent))
            state = self.sign(normalise(sums[-1]))
        return state, sums

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

    def __init__(
        self, layers: Sequence[BinaryLayer], classes: int, random: torch.Generator, estimator: Estimator
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        width = len(layers[-1].latent)
        self.classifier = nn.Parameter(_initial(classes, width, random))
        self.classifier_sign = estimator.weights(classes, width)
        self._scale = LOGIT_SCALE / math.sqrt(width)

    def hidden(self) -> Iterator[BinaryLayer]:
        """The hidden layers."""
        for layer in self.layers:
            assert isinstance(layer, BinaryLayer)
            yield layer

    def latents(self) -> list[nn.Parameter]:
        """All latent weights."""
        return [*(layer.latent for layer in self.hidden()), self.classifier]

    def signs(self) -> Iterator[Sign]:
        """All signs, of weights and of activations."""
        return (module for module in self.modules() if isinstance(module, Sign))

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Get ready to learn in `epoch`, from 1, of `epochs` in all."""
        self.train()
        for sign in self.signs():
            sign.begin_epoch(epoch, epochs)

    @property
    def soft(self) -> bool:
        """Whether the network in training is another than the hard one, in this epoch."""
        return any(sign.soft for sign in self.signs())

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, classes) of inputs (n, K_0) of +1 and -1, or of series of them (n, steps, K_0)."""
        for layer in self.layers:
            x = layer(x)
        return functional.linear(x, self.classifier_sign(self.classifier)) * self._scale


def build(settings: Settings, random: torch.Generator) -> Network:
    """The network that `settings` describe, its latent weights drawn from `random`."""
    kinds = [Cell if settings.recurrent and index == 0 else BinaryLayer for index in range(settings.network.layers)]
    estimator = estimator_of(settings)
    layers = [
        kind(outputs, inputs, batch_norm=settings.baseline.batch_norm, random=random, estimator=estimator)
        for kind, (outputs, inputs) in zip(kinds, settings.matrices, strict=True)
    ]
    return Network(layers, settings.network.classes, random, estimator)


def _initial(outputs: int, inputs: int, random: torch.Generator) -> Tensor:
    """Uniform, as wide as Glorot and Bengio have it."""
    reach = min(1.0, math.sqrt(6 / (inputs + outputs)))
    return torch.empty(outputs, inputs).uniform_(-reach, reach, generator=random)
