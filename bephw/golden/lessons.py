"""What every algorithm computes for a run of samples within one batch, and from what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bephw.golden.counters import Updates
from bephw.golden.forward import Signs
from bephw.golden.winners import winners

__all__ = ["LayerUpdates", "Lessons", "Network", "winner_updates"]


@dataclass(frozen=True, eq=False)
class Network:
    """The frozen planes of a batch, and the hyperparameters that hold for it. Lists have one entry a layer.

    Attributes:
        planes: visible weights (K_out, K_in) as +1/-1.
        frames: prototypes (classes, K) as +1/-1; one a layer for the local rule, else only the last layer's.
        thresholds: float32 (K_out,); an output is +1 where z reaches it.
        gamma: winner group sizes.
        gates: G, the largest |z| of an open row.
        margins: R, one for each of `frames`.
        tie: what desired values fall back to.
    """

    planes: Sequence[Signs]
    frames: Sequence[Signs]
    thresholds: Sequence[Signs]
    gamma: Sequence[int]
    gates: Sequence[int]
    margins: Sequence[int]
    tie: Literal["keep", "plus"]


class LayerUpdates(NamedTuple):
    """Row updates of one layer and the input vectors (sources, K_in) of +1/-1 that they step by."""

    inputs: Signs
    updates: Updates


@dataclass(frozen=True, eq=False)
class Lessons:
    """What came out for n samples, and what it does to the counters.

    Attributes:
        logits: int32 (n, classes), of the last layer's classifier.
        taught: bool (n,), or (n, layers) for the local rule.
        layers: updates of every layer.
    """

    logits: NDArray[np.int32]
    taught: NDArray[np.bool_]
    layers: list[LayerUpdates]


def winner_updates(a: Signs, teaching: NDArray[np.intp], z: Signs, desired: Signs, gamma: int) -> LayerUpdates:
    """Updates of a layer in which a sample is one lesson: `a` (n, K_in) of all samples, `z` and `desired` (of
    shape (lessons, K_out)) of those that teach, whose numbers are `teaching`."""
    lessons, rows = winners(z, desired, gamma)
    samples: NDArray[Any] = teaching[lessons]
    return LayerUpdates(a, Updates(samples, rows, signs=desired[lessons, rows], sources=samples))
