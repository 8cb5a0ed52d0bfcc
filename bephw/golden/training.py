"""The training loop: epochs, rates and winner groups that follow the accuracy, the average, checkpoints."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bephw.average import WeightAverage
from bephw.errors import check
from bephw.golden import checkpoint as checkpoints
from bephw.golden.checkpoint import Checkpoint
from bephw.golden.gamma import epoch_gamma
from bephw.golden.history import Epoch
from bephw.golden.initial import initial_state
from bephw.golden.model import EngineName, GoldenModel
from bephw.golden.rates import rates
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Epoch", "Samples", "TrainingResult", "epoch_order", "epoch_rates", "fit", "sample_stream", "training_bits"]

PIECE = 2_000
ORDER = 4  # The random stream of this name; `initial` and `model` have 0 to 3.


class Samples(Protocol):
    """What `fit` learns from: bits (n, K_0) or (n, steps, K_0) and integer labels (n,), to train and to test.

    There may be no test samples; and validation samples or None. A `Dataset` may also have `shifts`.
    """

    @property
    def x_train(self) -> NDArray[Any]: ...
    @property
    def y_train(self) -> NDArray[Any]: ...
    @property
    def x_test(self) -> NDArray[Any]: ...
    @property
    def y_test(self) -> NDArray[Any]: ...
    @property
    def x_validation(self) -> NDArray[Any] | None: ...
    @property
    def y_validation(self) -> NDArray[Any] | None: ...


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """What training gave.

    Attributes:
        state: after the last epoch; training can go on from it.
        history: what every epoch gave.
        average: of the weights, where `learning.average` asks for it: the network whose accuracies `history` has.
    """

    state: NetworkState
    history: list[Epoch]
    average: NetworkState | None = field(default=None, kw_only=True)

    @property
    def network(self) -> NetworkState:
        """The network to predict with: the average, or where there is none the last state."""
        return self.average or self.state


def epoch_order(settings: Settings, epoch: int, n: int) -> NDArray[np.int64]:
    """The order in which epoch `epoch` (from 1) presents `n` training samples: a seeded permutation."""
    return np.random.default_rng([settings.learning.seed, ORDER, epoch]).permutation(n)


def sample_stream(settings: Settings, dataset: Samples, epoch: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Bits and labels of epoch `epoch` (from 1) in the order of its stream; a batch ends with the epoch."""
    order = epoch_order(settings, epoch, len(dataset.x_train))
    return training_bits(settings, dataset, epoch, order), dataset.y_train[order]


def training_bits(settings: Settings, dataset: Samples, epoch: int, numbers: NDArray[np.integer]) -> NDArray[Any]:
    """Bits of training samples `numbers` in epoch `epoch` (from 1): `x_train`, or where images move, the moved ones."""
    shifts = getattr(dataset, "shifts", None)
    if shifts is None:
        return dataset.x_train[numbers]
    bits: NDArray[Any] = shifts.bits(settings.learning.seed, epoch, numbers)
    return bits


def epoch_rates(settings: Settings, history: list[Epoch]) -> tuple[int, ...]:
    """Rates of the epoch after `history`: by the last training accuracy, 1 / classes before the first."""
    return rates(settings, history[-1].train_accuracy if history else 1 / settings.network.classes)


def fit(
    settings: Settings,
    dataset: Samples,
    *,
    epochs: int | None = None,
    state: NetworkState | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    engine: EngineName = "compiled",
    on_epoch: Callable[[Epoch], object] | None = None,
    on_samples: Callable[[int], object] | None = None,
) -> TrainingResult:
    """Train for `epochs` in all (`learning.epochs` where None), from `state` (`initial_state` where None).

    checkpoint: a file that is rewritten before the first epoch and after every one. It may not be there before,
        unless it is gone on from; one training at a time has it.
    resume: go on from that file, to the same bits as without the interruption. Epochs count from the very first;
        where the file holds as many already, its result is returned as it is.
    engine: as in `GoldenModel`; the result does not depend on it.
    on_epoch: called with every epoch as it ends.
    on_samples: called with the number of samples just finished; where training goes on, first with those before.

    Raises `BephwError` for samples that do not fit the settings, or a checkpoint that cannot be gone on from.
    """
    check(len(dataset.x_train) > 0, "data: no training samples")
    check(not (resume and state is not None), "state: cannot be given together with resume")
    check(not resume or checkpoint is not None, "checkpoint: required to resume")
    check(
        settings.learning.gamma_patience is None or _has_validation(dataset),
        "learning.gamma_patience: needs validation samples: give data.validation_fraction",
    )
    with checkpoints.held(checkpoint, resume=resume):
        return _fit(settings, dataset, epochs, state, checkpoint, resume, engine, on_epoch, on_samples)


def _fit(
    settings: Settings,
    dataset: Samples,
    epochs: int | None,
    state: NetworkState | None,
    checkpoint: str | Path | None,
    resume: bool,
    engine: EngineName,
    on_epoch: Callable[[Epoch], object] | None,
    on_samples: Callable[[int], object] | None,
) -> TrainingResult:
    epochs = settings.learning.epochs if epochs is None else epochs
    samples = _checksum(dataset)
    if resume and checkpoint is not None:
        start = checkpoints.load(checkpoint, settings, samples)
        model, history = GoldenModel(settings, start.state, engine, planes=start.planes), start.history
        model.random, average = start.random, start.average
    else:
        model, history = GoldenModel(settings, state or initial_state(settings), engine), []
        average = WeightAverage(settings.learning.average) if settings.learning.average else None
        _save(checkpoint, model, average, history, samples)
    if on_samples and history:
        on_samples(min(len(history), epochs) * len(dataset.x_train))
    if len(history) < epochs:
        model.warm_up(dataset.x_train[:1])
    while len(history) < epochs:
        history.append(_epoch(model, average, dataset, history, on_samples))
        _save(checkpoint, model, average, history, samples)
        if on_epoch:
            on_epoch(history[-1])
    averaged = average.network(model.state, settings.learning.bits) if average and history else None
    return TrainingResult(model.state, history, average=averaged)


def _epoch(
    model: GoldenModel,
    average: WeightAverage | None,
    dataset: Samples,
    history: list[Epoch],
    on_samples: Callable[[int], object] | None,
) -> Epoch:
    """One epoch, which ends with an end of batch (also where the last one was full), and the average moved on."""
    began, began_learning = time.perf_counter(), time.thread_time()
    settings, number = model.settings, len(history) + 1
    model.rates, model.gamma = epoch_rates(settings, history), epoch_gamma(settings, history)
    order = epoch_order(settings, number, len(dataset.x_train))
    batch = settings.learning.batch
    piece = batch * max(1, PIECE // batch)  # Whole batches: cut ones cost more.
    hits, taught = 0, 0.0
    for start in range(0, len(order), piece):
        rows = order[start : start + piece]
        labels = dataset.y_train[rows]
        record = model.train(training_bits(settings, dataset, number, rows), labels)
        hits += int((record.prediction == labels).sum())
        taught += float(record.taught.mean()) * len(rows)
        if on_samples:
            on_samples(len(rows))
    model.end_batch()
    learning_seconds = time.thread_time() - began_learning
    state = model.state if average is None else average.add(model.state).network(model.state, settings.learning.bits)
    # A model of its own, whose planes show the counters: those of the one that learns may lag behind.
    network = GoldenModel(settings, state, model.engine)
    return Epoch(
        epoch=number,
        train_accuracy=hits / len(order),
        validation_accuracy=_accuracy(network, dataset.x_validation, dataset.y_validation),
        test_accuracy=_accuracy(network, dataset.x_test, dataset.y_test),
        taught=taught / len(order),
        rates=model.rates,
        gamma=model.gamma,
        seconds=time.perf_counter() - began,
        learning_seconds=learning_seconds,
        weights="last" if average is None else "average",
    )


def _has_validation(dataset: Samples) -> bool:
    return dataset.y_validation is not None and len(dataset.y_validation) > 0


def _accuracy(model: GoldenModel, x: NDArray[Any] | None, y: NDArray[Any] | None) -> float | None:
    return float((model.predict(x)[0] == y).mean()) if x is not None and y is not None and len(y) else None


def _save(
    path: str | Path | None,
    model: GoldenModel,
    average: WeightAverage | None,
    history: list[Epoch],
    samples: int,
) -> None:
    if path is not None:
        planes = model.planes if model.settings.learning.lag else None
        made = Checkpoint(model.state, history, model.random, samples, average, planes)
        checkpoints.save(path, model.settings, made)


def _checksum(dataset: Samples) -> int:
    bits = np.ascontiguousarray(dataset.x_train, np.uint8)
    labels = np.ascontiguousarray(dataset.y_train, np.int64)
    checksum = zlib.crc32(labels.data, zlib.crc32(bits.data, zlib.crc32(repr(bits.shape).encode())))
    shifts = getattr(dataset, "shifts", None)
    return checksum if shifts is None else zlib.crc32(np.ascontiguousarray(shifts.features).data, checksum)
