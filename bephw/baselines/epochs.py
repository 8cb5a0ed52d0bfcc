"""What every training in PyTorch has in common: epochs, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bephw.golden.history import Epoch
from bephw.golden.training import Samples

__all__ = ["EpochTrainer", "run_epochs"]


class EpochTrainer(Protocol):
    """A network that learns an epoch at a time."""

    def epoch(self, number: int, samples: Samples, on_samples: Callable[[int], object] | None = None) -> Epoch:
        """Epoch `number` (from 1)."""
        ...


def run_epochs(
    trainer: EpochTrainer,
    dataset: Samples,
    epochs: int,
    on_epoch: Callable[[Epoch], object] | None,
    on_samples: Callable[[int], object] | None,
) -> list[Epoch]:
    """What each of `epochs` gave. To be called on one thread of PyTorch (`bephw.baselines.trainer.one_thread`).

    on_epoch: called with every epoch as it ends.
    on_samples: called with the number of samples just finished.
    """
    history: list[Epoch] = []
    for number in range(1, epochs + 1):
        history.append(trainer.epoch(number, dataset, on_samples))
        if on_epoch:
            on_epoch(history[-1])
    return history
