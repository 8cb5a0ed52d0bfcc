"""Frequency-domain approximation (FDA-BNN, arXiv 2103.00841)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from bephw.baselines.estimators.interface import Estimator, Sign, progress
from bephw.baselines.estimators.noise import NoiseAdaptation
from bephw.baselines.estimators.sine_series import sine_series_sign

__all__ = ["FDA", "SineSeries", "noise_share", "terms"]

FIRST, LAST = 9, 18  # n in the first and in the last epoch
NOISE = 0.1  # alpha, at the very beginning


class SineSeries(Sign):
    """sign(t / deviation), with the gradient of its Fourier series; in training plus alpha * e(t / deviation).

    noise: e, or None.
    """

    def __init__(self, deviation: float, noise: NoiseAdaptation | None) -> None:
        super().__init__()
        self.noise = noise
        self._deviation = deviation
        self.begin_epoch(1, 1)

    def train_forward(self, t: Tensor) -> Tensor:
        if self._deviation != 1:
            t = t / self._deviation
        values = sine_series_sign(t, self._terms)
        return values + self._alpha * self.noise(t) if self.noise is not None and self.soft else values

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        self._terms = terms(epoch, epochs)
        self._alpha = 0.0 if self.noise is None else noise_share(epoch, epochs)

    @property
    def soft(self) -> bool:
        return self._alpha > 0


class FDA(Estimator):
    """The sine series for weights and activations, which sees sums in units of their deviation.

    noise: whether every layer has noise adaptation modules, one for its weights and one for its activations, drawn
        from `random`.
    """

    def __init__(self, noise: bool, random: torch.Generator) -> None:
        self._noise = noise
        self._random = random

    def weights(self, outputs: int, inputs: int) -> Sign:
        return SineSeries(1.0, self._module(inputs))

    def activations(self, outputs: int, deviation: float) -> Sign:
        return SineSeries(deviation, self._module(outputs))

    def _module(self, features: int) -> NoiseAdaptation | None:
        return NoiseAdaptation(features, self._random) if self._noise else None


def terms(epoch: int, epochs: int) -> int:
    """n of an epoch, from 1: from 9 in the first to 18 in the last."""
    return FIRST + math.floor((LAST - FIRST) * progress(epoch, epochs))


def noise_share(epoch: int, epochs: int) -> float:
    """alpha of an epoch, from 1: it falls from nearly 0.1 to 0 in the last, so that training ends with the network
    that is exported."""
    return NOISE / 2 * (1 + math.cos(math.pi * min(epoch / epochs, 1.0)))
