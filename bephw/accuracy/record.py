"""The result of one run, as its file holds it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

__all__ = ["EpochAccuracies", "Record"]

Share = Annotated[float, Field(ge=0, le=1)]


class EpochAccuracies(BaseModel):
    """Accuracies (0 to 1) of one epoch; None where there are no such samples."""

    epoch: int
    train_accuracy: Share
    validation_accuracy: Share | None
    test_accuracy: Share | None


class Record(BaseModel):
    """What a run gave.

    Attributes:
        version: of bephw.
        settings: what decided the result (`cells.deciding`).
        data: name and sizes of the data set.
        epochs: one entry an epoch.
        seconds: time it took, on the machine it ran on.
        warnings: what may not have been meant.
    """

    version: str
    settings: dict[str, Any]
    data: dict[str, Any]
    epochs: tuple[EpochAccuracies, ...] = Field(min_length=1)
    seconds: float
    warnings: tuple[str, ...] = ()

    def best_epoch(self) -> EpochAccuracies | None:
        """The first epoch with the best validation accuracy; None without validation samples."""
        if any(epoch.validation_accuracy is None for epoch in self.epochs):
            return None
        return max(self.epochs, key=lambda epoch: epoch.validation_accuracy or 0.0)

    def accuracy(self, metric: Literal["last", "best_validation"]) -> float | None:
        """Test accuracy that counts; None where the data set has no samples to tell it."""
        epoch = self.epochs[-1] if metric == "last" else self.best_epoch()
        return epoch.test_accuracy if epoch else None
