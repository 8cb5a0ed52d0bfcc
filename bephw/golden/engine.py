"""What runs an algorithm: counters, planes and generators, and the work on them. There are two engines of equal bits.

`numpy_engine` is the reference: a batch at a time, readable. `compiled` is the fast one: sample by sample on packed
words. `GoldenModel` cuts the stream into runs within a batch and hands them to one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Engine"]


class Engine(Protocol):
    """State and arithmetic of a network in training."""

    @property
    def counters(self) -> list[NDArray[Any]]:
        """An integer array (K_out, K_in) a layer, of any type; callers may step them at the end of a batch."""

    @property
    def planes(self) -> list[NDArray[np.uint8]]:
        """The visible weights (K_out, K_in) of every layer, as bits: those that the open batch reads."""

    @property
    def generators(self) -> list[int]:
        """Generator of every layer."""

    @property
    def accumulators(self) -> list[int]:
        """Accumulator of every layer."""

    @property
    def updates(self) -> int | None:
        """Rows that lessons have updated so far, all layers; None where it does not count them."""

    def learn(
        self,
        bits: NDArray[Any],
        labels: NDArray[np.int64],
        rates: tuple[int, ...],
        gamma: tuple[int, ...],
        position: int,
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Logits (n, classes), and which samples taught, of a run within a batch from its sample `position` on.

        bits: (n, K_0), or (n, steps, K_x) for a recurrent network. labels: (n,); the number of classes teaches nothing.
        """

    def logits(self, bits: NDArray[Any]) -> NDArray[np.int32]:
        """Logits (n, classes) by the frozen planes."""

    def show(self, planes: Sequence[NDArray[np.integer]]) -> None:
        """The open batch reads these visible weights, of the form of `planes`; later ones are not changed by it."""

    def refresh(self) -> None:
        """A batch ends (its counters brought back into range first, where they are clipped once a batch): the planes
        show the counters as they are, or with `learning.lag` as they were at the end of the batch before."""

    def most_samples(self, rates: tuple[int, ...], steps: int) -> int:
        """The longest run that keeps memory bounded."""
