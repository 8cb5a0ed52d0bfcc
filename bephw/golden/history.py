"""What happened in each epoch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

__all__ = ["Epoch", "Weights", "from_json", "to_json"]

Weights = Literal["last", "average"]


@dataclass(frozen=True)
class Epoch:
    """One epoch.

    Attributes:
        epoch: its number, from 1.
        train_accuracy: 0 to 1, of the predictions made while training, each by its own batch's planes (which
            `learning.lag` keeps a batch behind).
        validation_accuracy: 0 to 1, on the validation samples after the epoch, by `weights`; None without such samples.
        test_accuracy: the same, on the held-out samples.
        taught: share of the samples that taught (of samples and layers for the local rule).
        rates: reinforcement rate of every layer.
        gamma: winner group size of every layer.
        seconds: time of the epoch, test included.
        learning_seconds: processor time of learning alone, on the one core that it takes; None where it is not known.
        weights: what validation and test accuracies were measured with: "last", the signs of the counters as they are
            after the epoch, also where `learning.lag` keeps the planes behind; or "average", that of the weights, where
            `learning.average` asks for it.
        soft_accuracy: 0 to 1, on the held-out samples after the epoch, of the network of real numbers that learns,
            where that is another than the binary one whose accuracies are above; else None.
    """

    epoch: int
    train_accuracy: float
    validation_accuracy: float | None
    test_accuracy: float | None
    taught: float
    rates: tuple[int, ...]
    gamma: tuple[int, ...]
    seconds: float
    learning_seconds: float | None = None
    weights: Weights = "last"
    soft_accuracy: float | None = None


def to_json(history: Sequence[Epoch]) -> str:
    """The history as a JSON list of objects."""
    return json.dumps([asdict(epoch) for epoch in history])


def from_json(text: str) -> list[Epoch]:
    """Inverse of `to_json`. Raises `ValueError` for anything else."""
    entries = json.loads(text)
    if not isinstance(entries, list):
        raise ValueError("not a list")
    history = [_epoch(entry) for entry in entries]
    if [epoch.epoch for epoch in history] != list(range(1, len(history) + 1)):
        raise ValueError("epochs are not numbered 1, 2, ...")
    return history


def _epoch(entry: Any) -> Epoch:
    try:
        validation, test = entry["validation_accuracy"], entry["test_accuracy"]
        epoch = Epoch(
            epoch=int(entry["epoch"]),
            train_accuracy=float(entry["train_accuracy"]),
            validation_accuracy=None if validation is None else float(validation),
            test_accuracy=None if test is None else float(test),
            taught=float(entry["taught"]),
            rates=tuple(int(rate) for rate in entry["rates"]),
            gamma=tuple(int(size) for size in entry["gamma"]),
            seconds=float(entry["seconds"]),
            learning_seconds=None if (learning := entry.get("learning_seconds")) is None else float(learning),
            weights=entry.get("weights", "last"),
            soft_accuracy=None if (soft := entry.get("soft_accuracy")) is None else float(soft),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"an epoch lacks or misstates {error}") from error
    if not 0 <= epoch.train_accuracy <= 1:
        raise ValueError(f"train_accuracy must be 0 to 1, not {epoch.train_accuracy}")
    if epoch.weights not in get_args(Weights):
        raise ValueError(f"weights must be {' or '.join(get_args(Weights))}, not {epoch.weights!r}")
    return epoch
