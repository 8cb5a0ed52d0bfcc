"""The average of the visible weights over epochs, which generalises better than those of the last one.

A network of binary weights never comes to rest: every lesson turns some of them. What they are most of the time is a
better network than what they are at any one moment (stochastic weight averaging, Izmailov et al., arXiv 1803.05407).
Training itself does not see the average: all of its bits are the same with and without. (Only `learning.gamma_patience`
goes by validation accuracies, which are those of the average then.) So whoever sees the counters at the end of an epoch
can keep it: the golden model's training, and the host of a trainer in hardware.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bephw.settings import Settings
from bephw.state import NetworkState, check_array

__all__ = ["WeightAverage"]

ONE = 1 << 16  # The average of a weight that was +1 after every epoch.


class WeightAverage:
    """Moving average of every visible weight after each epoch.

    `weights` holds one int32 array (K_out, K_in) a layer, in units of 2^-16 and between -1 and +1; `epochs` the number
    of epochs in it. An epoch's weight w (+1 or -1) moves the average A by floor((2^16 w - A) / n), n being half the
    number of epochs (rounded up) and at most `memory`: so old epochs fade, and the first ones do so soon.
    """

    def __init__(self, memory: int, weights: Sequence[NDArray[np.int32]] = (), epochs: int = 0) -> None:
        self.memory = memory
        self.weights = tuple(weights)
        self.epochs = epochs

    def add(self, state: NetworkState) -> Self:
        """Take in what `state` shows after one more epoch. Returns itself."""
        shown = [np.where(counters >= 0, np.int32(ONE), np.int32(-ONE)) for counters in state.counters]
        self.epochs += 1
        period = min(self.memory, (self.epochs + 1) // 2)
        before = self.weights or [np.zeros_like(weights) for weights in shown]
        self.weights = tuple(old + (new - old) // period for old, new in zip(before, shown, strict=True))
        return self

    def network(self, state: NetworkState, bits: int) -> NetworkState:
        """`state` with counters of `bits` bits that show the sign of the average (0 is +1), and say how clear it is.

        The largest counters stand for weights that were the same after every epoch.
        """
        highest = (1 << (bits - 1)) - 1
        counters = (np.minimum(weights >> (17 - bits), highest).astype(np.int16) for weights in self.weights)
        return replace(state, counters=tuple(counters))

    def to_arrays(self) -> dict[str, NDArray[np.int32]]:
        """Named arrays: `average_0` and so on."""
        return {f"average_{layer}": weights for layer, weights in enumerate(self.weights)}

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], settings: Settings, epochs: int, source: str
    ) -> Self | None:
        """Inverse of `to_arrays` after `epochs` epochs; None where `learning.average` is. Raises `BephwError`."""
        memory = settings.learning.average
        if memory is None or not epochs:
            return None if memory is None else cls(memory)
        for layer, shape in enumerate(settings.matrices):
            check_array(arrays, f"average_{layer}", shape, (-ONE, ONE), source)
        weights = [arrays[f"average_{layer}"].astype(np.int32) for layer in range(settings.network.layers)]
        return cls(memory, weights, epochs)
