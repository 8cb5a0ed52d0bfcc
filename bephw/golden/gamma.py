"""The gamma schedule: winner groups that grow when learning stagnates (BEP paper)."""

from __future__ import annotations

from collections.abc import Sequence

from bephw.golden.history import Epoch
from bephw.settings import Settings

__all__ = ["epoch_gamma", "next_divisor"]


def epoch_gamma(settings: Settings, history: Sequence[Epoch]) -> tuple[int, ...]:
    """Winner group size of every layer in the epoch after `history`.

    With `learning.gamma_patience`, every layer's gamma grows to the next divisor of its outputs whenever that many
    epochs have passed since the best validation accuracy or the last growth, whichever is later; else it stays.
    """
    gamma, patience = settings.gamma, settings.learning.gamma_patience
    if patience is None:
        return gamma
    best, waited = -1.0, 0
    for epoch in history:
        accuracy = epoch.validation_accuracy or 0.0
        waited += 1
        if accuracy > best:
            best, waited = accuracy, 0
        elif waited == patience:
            gamma = tuple(map(next_divisor, gamma, settings.network.sizes[1:]))
            waited = 0
    return gamma


def next_divisor(gamma: int, outputs: int) -> int:
    """The smallest divisor of `outputs` above `gamma`; `gamma` where it is the largest."""
    return next((size for size in range(gamma + 1, outputs + 1) if outputs % size == 0), gamma)
