"""Learning in the golden model, with its figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

from bephw.data import Dataset
from bephw.golden.training import Epoch, TrainingResult, fit
from bephw.settings import Settings

__all__ = ["describe_data", "learn"]


def learn(
    settings: Settings,
    dataset: Dataset,
    *,
    epochs: int | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    on_epoch: Callable[[Epoch], None] | None = None,
    on_samples: Callable[[int], None] | None = None,
) -> tuple[TrainingResult, dict[str, Any]]:
    """Train (see `fit`) and return the result with its figures.

    `samples_per_second` counts the epochs of this call only, each with its test; it (None where a resumed
    training had nothing left to do) and `seconds` are the wall clock's.
    """
    start = perf_counter()
    seen = 0

    def count(samples: int) -> None:
        nonlocal seen
        seen += samples
        if on_samples is not None:
            on_samples(samples)

    result = fit(
        settings,
        dataset,
        epochs=epochs,
        checkpoint=checkpoint,
        resume=resume,
        on_epoch=on_epoch,
        on_samples=count,
    )
    seconds = perf_counter() - start
    last = result.history[-1]
    figures = {
        "command": "train",
        "settings": settings.model_dump(mode="json"),
        "data": describe_data(dataset),
        "epochs": [{**asdict(epoch), "rates": list(epoch.rates)} for epoch in result.history],
        "train_accuracy": last.train_accuracy,
        "test_accuracy": last.test_accuracy,
        "samples_per_second": seen / seconds if seen else None,
        "seconds": seconds,
    }
    return result, figures


def describe_data(dataset: Dataset) -> dict[str, Any]:
    """Name and sizes of a data set, for figures."""
    return {
        "name": dataset.name,
        "inputs": dataset.inputs,
        "train_samples": len(dataset.y_train),
        "test_samples": len(dataset.y_test),
    }
