"""The samples that an emitted testbench streams: some of the settings' data set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bephw.data import Dataset
from bephw.errors import BephwError
from bephw.flow.learning import prepare
from bephw.golden.training import sample_stream
from bephw.settings import Settings

__all__ = ["Stimulus", "default_vectors", "draw", "from_dataset", "load_stimulus"]

CLASSIFIED = 8
FEWEST, MOST, MANY_BATCHES = 8, 24, 12
AFTER_THE_BATCH = 4  # samples that see the weights that the batch before them left


@dataclass(frozen=True, eq=False)
class Stimulus:
    """Samples to learn from, in order, and samples to classify.

    Attributes:
        x, y: bits (n, K_0), or (n, steps, K_0), and labels (n,) to learn from; n may be 0.
        x_held_out, y_held_out: bits and labels (m,) to classify.
        source: where they are from, in words.
        warnings: what should be known of that.
        class_names: what labels 0, 1, .. stand for there; None where they are such numbers themselves.
    """

    x: NDArray[np.uint8]
    y: NDArray[np.int64]
    x_held_out: NDArray[np.uint8]
    y_held_out: NDArray[np.int64]
    source: str
    warnings: tuple[str, ...] = ()
    class_names: tuple[str, ...] | None = None


def default_vectors(settings: Settings) -> int:
    """Samples to learn from: a batch and a little more where batches are small, else a dozen."""
    wanted = settings.learning.batch + AFTER_THE_BATCH
    return max(FEWEST, wanted) if wanted <= MOST else MANY_BATCHES


def load_stimulus(settings: Settings, vectors: int | None = None) -> Stimulus | None:
    """`vectors` samples (`default_vectors` where None; 0 is no stimulus) of the settings' data set.

    Where the data set cannot be had they are random, and a warning says why. The settings must leave nothing open.
    """
    if vectors == 0:
        return None
    try:
        _, dataset = prepare(settings)
    except BephwError as error:
        return draw(settings, vectors, str(error))
    return from_dataset(settings, dataset, vectors)


def from_dataset(settings: Settings, dataset: Dataset, vectors: int | None = None) -> Stimulus:
    """The first samples of the first epoch, as training presents them, and the first held-out ones (where there are
    none, training samples again)."""
    count = default_vectors(settings) if vectors is None else vectors
    x, y = (part[:count] for part in sample_stream(settings, dataset, 1))
    x_held_out, y_held_out = (dataset.x_test, dataset.y_test) if len(dataset.y_test) else (x, y)
    few = min(count, CLASSIFIED)
    names = dataset.source.class_names if dataset.source else None
    return Stimulus(x, y, x_held_out[:few], y_held_out[:few], dataset.name, class_names=names)


def draw(settings: Settings, vectors: int | None, reason: str) -> Stimulus:
    """Random bits and labels, the same for the same settings."""
    count = default_vectors(settings) if vectors is None else vectors
    generator = np.random.default_rng(settings.learning.seed)
    total = count + min(count, CLASSIFIED)
    steps = () if settings.data.steps is None else (settings.data.steps,)
    x = generator.integers(0, 2, (total, *steps, settings.network.sizes[0]), np.uint8)
    y = generator.integers(0, settings.network.classes, total)
    warning = f"vectors and testbench have random samples, as the data set cannot be used: {reason}"
    return Stimulus(x[:count], y[:count], x[count:], y[count:], "random samples", (warning,))
