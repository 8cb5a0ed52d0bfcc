"""Learning in the golden model, or with the baseline, with its figures."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from bephw.data import Dataset, load
from bephw.data.features import Features
from bephw.errors import BephwError, check
from bephw.flow.doubts import training_doubts
from bephw.golden.compiled.compilation import compilation
from bephw.golden.model import EngineName
from bephw.golden.training import Epoch, TrainingResult, fit
from bephw.logic.training import LogicResult
from bephw.logic.training import fit as fit_logic
from bephw.settings import Settings

__all__ = ["describe_data", "learn", "prepare", "training_figures"]


def prepare(settings: Settings) -> tuple[Settings, Dataset]:
    """The data set of `settings`, and the settings with the inputs and classes that they may have left open.

    This is the one place that reads `BEPHW_DATA` and `XDG_CACHE_HOME`. Raises `BephwError`.
    """
    folder, cache = os.environ.get("BEPHW_DATA"), os.environ.get("XDG_CACHE_HOME")
    dataset = load(
        settings.data,
        classes=settings.network.classes,
        inputs=settings.network.sizes[0] or None,
        recurrent=settings.recurrent,
        folder=Path(folder) if folder else None,
        cache=Path(cache, "bephw") if cache else None,
    )
    steps, most = dataset.x_train.shape[1] if settings.recurrent else None, settings.data.steps
    if steps is not None and most is not None and steps > most:
        raise BephwError(
            f"data.steps must be at least {steps} (as many as the samples of {dataset.name} have), not {most}"
        )
    return settings.with_data(dataset.inputs, dataset.classes or 0, steps), dataset


def learn(
    settings: Settings,
    dataset: Dataset,
    *,
    epochs: int | None = None,
    checkpoint: Path | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
    engine: EngineName = "compiled",
    on_epoch: Callable[[Epoch], None] | None = None,
    on_samples: Callable[[int], None] | None = None,
    on_warnings: Callable[[Sequence[str]], None] | None = None,
) -> tuple[TrainingResult | LogicResult, dict[str, Any]]:
    """Train (see `fit`) and return the result with its figures; `learning.algorithm` "ste" trains the baseline, "logic"
    a network of gates, "gnet" a G-Net.

    `samples_per_second` are training samples over the processor seconds that learning from them took, in the median
    epoch of this call (None where a resumed training had nothing left to do): tests, and compiling or loading the
    engine, do not count. `seconds` is the wall clock's time of all, `compilation_seconds` the part of it in which the
    engine was compiled: 0 where its code was in the cache. `warnings` say what may not be meant; `on_warnings` is
    called with them before training begins.
    """
    start = perf_counter()
    ended: list[Epoch] = []
    warnings = training_doubts(settings, dataset, epochs)
    if on_warnings is not None:
        on_warnings(warnings)

    def note(epoch: Epoch) -> None:
        ended.append(epoch)
        if on_epoch is not None:
            on_epoch(epoch)

    with compilation() as compiling:
        result = _fit(settings, dataset, epochs, checkpoint, checkpoint_every, resume, engine, note, on_samples)
    figures = {
        "command": "train",
        **training_figures(settings, dataset, result.history),
        "samples_per_second": _speed(len(dataset.y_train), ended),
        "compilation_seconds": compiling.seconds,
        "seconds": perf_counter() - start,
        "warnings": warnings,
    }
    return result, figures


def training_figures(settings: Settings, dataset: Dataset, history: Sequence[Epoch]) -> dict[str, Any]:
    """What was trained on what, and every epoch, for figures."""
    last = history[-1]
    return {
        "settings": settings.model_dump(mode="json"),
        "data": describe_data(dataset),
        "epochs": [{**asdict(epoch), "rates": list(epoch.rates), "gamma": list(epoch.gamma)} for epoch in history],
        "validation_accuracy": last.validation_accuracy,
        "train_accuracy": last.train_accuracy,
        "test_accuracy": last.test_accuracy,
    }


def _fit(
    settings: Settings,
    dataset: Dataset,
    epochs: int | None,
    checkpoint: Path | None,
    checkpoint_every: int | None,
    resume: bool,
    engine: EngineName,
    on_epoch: Callable[[Epoch], None],
    on_samples: Callable[[int], None] | None,
) -> TrainingResult | LogicResult:
    if settings.learning.algorithm == "ste":
        from bephw.baselines import ste

        check(checkpoint is None, "checkpoint: the baseline (learning.algorithm ste) has none")
        return ste.fit(settings, dataset, epochs=epochs, on_epoch=on_epoch, on_samples=on_samples)
    if settings.learning.algorithm == "logic":
        check(checkpoint is None, "checkpoint: networks of logic gates (learning.algorithm logic) have none")
        return fit_logic(settings, dataset, epochs=epochs, on_epoch=on_epoch, on_samples=on_samples)
    if settings.learning.algorithm == "gnet":
        from bephw.gnet import fitting

        check(checkpoint is None, "checkpoint: a G-Net (learning.algorithm gnet) has none")
        return fitting.fit(settings, dataset, epochs=epochs, on_epoch=on_epoch, on_samples=on_samples)
    return fit(
        settings,
        dataset,
        epochs=epochs,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
        resume=resume,
        engine=engine,
        on_epoch=on_epoch,
        on_samples=on_samples,
    )


def _speed(samples: int, epochs: Sequence[Epoch]) -> float | None:
    """Samples a second in the median epoch."""
    seconds = [epoch.learning_seconds for epoch in epochs if epoch.learning_seconds]
    return samples / median(seconds) if seconds else None


def describe_data(dataset: Dataset) -> dict[str, Any]:
    """What a data set holds, for figures: its sizes, its features before encoding, and its classes."""
    source = dataset.source
    validation = dataset.y_validation
    return {
        "name": dataset.name,
        "inputs": dataset.inputs,
        "train_samples": len(dataset.y_train),
        "test_samples": len(dataset.y_test),
        "validation_samples": None if validation is None else len(validation),
        "features": None if source is None else _features(source),
        "steps": dataset.x_train.shape[1] if dataset.x_train.ndim == 3 else None,
        "constant_features": None if source is None else _constant_features(source),
        "missing": source.missing if source else 0,
        "classes": _classes(dataset),
    }


def _features(source: Features) -> int:
    """Columns of a table; else features of a sample or of a step."""
    return len(source.columns.columns) if source.columns else int(source.x_train.shape[-1])


def _constant_features(source: Features) -> int:
    """Features with one value in all training samples; a column of words is as good as its bits."""
    rows = source.x_train.reshape(-1, source.x_train.shape[-1])
    return int((rows.max(axis=0) == rows.min(axis=0)).sum())


def _classes(dataset: Dataset) -> list[dict[str, Any]]:
    """Name and numbers of samples of every class; its place is its label."""
    parts = {"train": dataset.y_train, "test": dataset.y_test}
    most = max((int(y.max(initial=-1)) for y in parts.values()), default=-1)
    count = max(dataset.classes or 0, most + 1)
    counts = {part: np.bincount(y, minlength=count).tolist() for part, y in parts.items()}
    return [
        {"name": dataset.class_name(label), **{part: found[label] for part, found in counts.items()}}
        for label in range(count)
    ]
