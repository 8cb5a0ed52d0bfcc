"""An epoch that has begun and is not over: how far it is, and what has come of it so far."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

__all__ = ["OpenEpoch", "from_json", "to_json"]


@dataclass
class OpenEpoch:
    """An epoch between two of its batches.

    Attributes:
        position: samples of its stream that have been learnt.
        hits: of those, predicted right.
        taught: samples that taught (for the local rule, of every layer).
        seconds: time that they took.
        learning_seconds: processor time of learning alone; None where it is not known.
    """

    position: int = 0
    hits: int = 0
    taught: int = 0
    seconds: float = 0.0
    learning_seconds: float | None = 0.0

    @property
    def accuracy(self) -> float | None:
        """Share of the samples so far that were predicted right; None before the first."""
        return self.hits / self.position if self.position else None


def to_json(epoch: OpenEpoch | None) -> str:
    """As a JSON object, or null."""
    return json.dumps(epoch and asdict(epoch))


def from_json(text: str) -> OpenEpoch | None:
    """Inverse of `to_json`. Raises `ValueError` for anything else."""
    entry = json.loads(text)
    if entry is None:
        return None
    try:
        learning = entry["learning_seconds"]
        epoch = OpenEpoch(
            position=int(entry["position"]),
            hits=int(entry["hits"]),
            taught=int(entry["taught"]),
            seconds=float(entry["seconds"]),
            learning_seconds=None if learning is None else float(learning),
        )
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"an open epoch lacks or misstates {error}") from error
    if not (epoch.position > 0 and 0 <= epoch.hits <= epoch.position and epoch.taught >= 0):
        raise ValueError(f"an open epoch cannot have {epoch.hits} right of {epoch.position} samples")
    return epoch
