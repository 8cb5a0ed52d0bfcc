"""Networks of logic gates on packed words: 64 samples a word, one operation on words for each kind of gate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bephw.errors import check
from bephw.golden.forward import predict
from bephw.logic_state import LogicLayer, LogicState
from bephw.settings import Settings

__all__ = ["LogicModel"]

Words = NDArray[np.uint64]

SAMPLES = 4_096  # that go through the network together: a layer's words then stay near the processor
NONE, ALL = np.uint64(0), ~np.uint64(0)

OPERATIONS: tuple[Callable[[Words, Words], Words], ...] = (
    lambda a, b: np.full_like(a, NONE),
    lambda a, b: a & b,
    lambda a, b: a & ~b,
    lambda a, b: a,
    lambda a, b: ~a & b,
    lambda a, b: b,
    lambda a, b: a ^ b,
    lambda a, b: a | b,
    lambda a, b: ~(a | b),
    lambda a, b: ~(a ^ b),
    lambda a, b: ~b,
    lambda a, b: a | ~b,
    lambda a, b: ~a,
    lambda a, b: ~a | b,
    lambda a, b: ~(a & b),
    lambda a, b: np.full_like(a, ALL),
)
"""What gate i computes (bephw/logic_state.py)."""


class LogicModel:
    """The golden model of a network of logic gates.

    Raises `BephwError` where `state` is not one of `settings`.
    """

    def __init__(self, settings: Settings, state: LogicState) -> None:
        self.settings, self.state = settings, state.validate(settings)

    def predict(self, x: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Prediction (n,) and active outputs of each class (n, classes) of bits `x` (n, K_0).

        Raises `BephwError` on other shapes or values.
        """
        outputs, (classes, each) = self.outputs(x), self._groups
        counts = outputs.reshape(len(outputs), classes, each).sum(axis=2, dtype=np.int32)
        return predict(counts), counts

    def outputs(self, x: ArrayLike) -> NDArray[np.uint8]:
        """Bits (n, K_L) that leave the last layer. Raises as `predict`."""
        bits = self._bits(x)
        found = np.empty((len(bits), self.settings.network.sizes[-1]), np.uint8)
        for start in range(0, len(bits), SAMPLES):
            block = bits[start : start + SAMPLES]
            words = _pack(block)
            for layer in self.state.layers:
                words = _pass(layer, words)
            found[start : start + SAMPLES] = _unpack(words, len(block))
        return found

    @property
    def _groups(self) -> tuple[int, int]:
        """Classes, and the outputs of each."""
        network = self.settings.network
        return network.classes, network.sizes[-1] // network.classes

    def _bits(self, x: ArrayLike) -> NDArray[np.uint8]:
        x, inputs = np.asarray(x), self.settings.network.sizes[0]
        check(x.dtype.kind in "bui", f"x: must be bits of an integer type, not {x.dtype}")
        check(x.ndim == 2 and x.shape[1] == inputs, f"x: must have shape (samples, {inputs}), not {x.shape}")
        if x.size:
            low, high = x.min(), x.max()
            check(low >= 0 and high <= 1, f"x: must be 0 or 1, not {low if low < 0 else high}")
        return x.astype(np.uint8)


def _pass(layer: LogicLayer, words: Words) -> Words:
    """From signals (inputs, words) to those of the layer (gates, words)."""
    passed = np.empty((len(layer.gate), words.shape[1]), np.uint64)
    for gate, operation in enumerate(OPERATIONS):
        of_kind = np.flatnonzero(layer.gate == gate)
        if len(of_kind):
            passed[of_kind] = operation(words[layer.index_a[of_kind]], words[layer.index_b[of_kind]])
    return passed


def _pack(bits: NDArray[np.uint8]) -> Words:
    """Bits (n, signals) as (signals, words), a sample a bit."""
    padded = np.pad(bits.T, [(0, 0), (0, -len(bits) % 64)])
    return np.ascontiguousarray(np.packbits(padded, axis=1, bitorder="little")).view(np.uint64)


def _unpack(words: Words, samples: int) -> NDArray[np.uint8]:
    """Inverse of `_pack`."""
    return np.unpackbits(words.view(np.uint8), axis=1, bitorder="little", count=samples).T
