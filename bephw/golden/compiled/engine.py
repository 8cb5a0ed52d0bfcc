"""The compiled programs behind the interface of an engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.golden.compiled import perceptron, recurrent
from bephw.golden.compiled.kernels import pack_rows
from bephw.golden.compiled.perceptron import Network, Rules, Work
from bephw.golden.compiled.tensors import Layers, packed_width, zeros
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["CompiledEngine"]

MOST_SAMPLES = 2**16
UNCLIPPED = 2**30


class CompiledEngine:
    """See `bephw.golden.engine.Engine`."""

    def __init__(self, settings: Settings, state: NetworkState) -> None:
        self._settings = settings
        self._network = _network(settings, state)
        self._work = _work(settings)
        self._counters = _views(self._network.counters)
        for view, counters in zip(self._counters, state.counters, strict=True):
            view[:] = counters
        self._coming = self._signs()  # with lag: the planes of the next batch
        self._show(self._coming)

    @property
    def counters(self) -> list[NDArray[Any]]:
        """Views (K_out, K_in) of every layer's counters."""
        return self._counters

    @property
    def planes(self) -> list[NDArray[np.uint8]]:
        """See `Engine`."""
        return [(plane > 0).astype(np.uint8) for plane in _views(self._network.plane)]

    @property
    def generators(self) -> list[int]:
        """Generator of every layer."""
        return self._network.generators.tolist()

    @property
    def accumulators(self) -> list[int]:
        """Accumulator of every layer."""
        return self._network.accumulators.tolist()

    @property
    def updates(self) -> None:
        """Not counted."""
        return None

    def learn(
        self,
        bits: NDArray[Any],
        labels: NDArray[np.int64],
        rates: tuple[int, ...],
        gamma: tuple[int, ...],
        position: int,
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """See `Engine`."""
        settings = self._settings
        rules = _rules(settings, rates, gamma)
        logits = np.empty((len(bits), settings.network.classes), np.int32)
        taught = np.empty((len(bits), len(settings.margins)), np.bool_)
        x, words = _packed(bits)
        if settings.recurrent:
            recurrent.learn(self._network, rules, self._work, x, words, labels, position, logits, taught)
        else:
            local = settings.local
            perceptron.learn(self._network, rules, self._work, local, x, words, labels, position, logits, taught)
        return logits, taught if settings.local else taught[:, 0]

    def logits(self, bits: NDArray[Any]) -> NDArray[np.int32]:
        """See `Engine`."""
        logits = np.empty((len(bits), self._settings.network.classes), np.int32)
        infer = recurrent.infer if self._settings.recurrent else perceptron.infer
        infer(self._network, self._work, *_packed(bits), logits)
        return logits

    def refresh(self) -> None:
        """See `Engine`."""
        if self._settings.learning.clipping == "batch":
            top = 2 ** (self._settings.learning.bits - 1)
            self._network.counters.flat.clip(-top, top - 1, out=self._network.counters.flat)
        signs = self._signs()
        shown, self._coming = (self._coming if self._settings.learning.lag else signs), signs
        self._show(shown)

    def show(self, planes: Sequence[NDArray[np.integer]]) -> None:
        """See `Engine`."""
        self._show(np.concatenate([np.ravel(plane) for plane in planes]) > 0)

    def most_samples(self, rates: tuple[int, ...], steps: int) -> int:
        """See `Engine`."""
        return MOST_SAMPLES

    def _signs(self) -> NDArray[np.bool_]:
        """The weights that the counters show, all layers in one."""
        signs: NDArray[np.bool_] = self._network.counters.flat >= 0
        return signs

    def _show(self, weights: NDArray[np.bool_]) -> None:
        """The planes, from all layers' visible weights."""
        network, first = self._network, self._settings.network.sizes[0]
        network.plane.flat[:] = weights
        for index, (packed, plane) in enumerate(zip(_views(network.packed), _views(network.plane), strict=True)):
            if index == 0 and self._settings.recurrent:
                pack_rows(plane[:, :first], packed[:, : packed_width(first)])
                pack_rows(plane[:, first:], packed[:, packed_width(first) :])
            else:
                pack_rows(plane, packed)
        network.plane.flat[:] *= 2
        network.plane.flat[:] -= 1


def _packed(bits: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
    """The bits (..., n) as bytes, and packed (..., words)."""
    x = np.ascontiguousarray(bits, np.uint8)
    words = np.zeros((*x.shape[:-1], packed_width(x.shape[-1])), np.uint64)
    pack_rows(x, words)
    return x, words


def _network(settings: Settings, state: NetworkState) -> Network:
    """Memory of the right sizes, with all of `state` but its counters."""
    network = Network(
        counters=zeros(settings.matrices, _counter_type(settings)),
        packed=zeros(
            [(outputs, _words(settings, index)) for index, (outputs, _) in enumerate(settings.matrices)], np.uint64
        ),
        plane=zeros(settings.matrices, np.int8),
        frames=zeros(
            [(len(frame), packed_width(frame.shape[1])) for frame in (*state.hidden_prototypes, state.prototypes)],
            np.uint64,
        ),
        thresholds=zeros([(1, outputs) for outputs, _ in settings.matrices], np.int32),
        generators=state.generators.astype(np.uint64),
        accumulators=state.accumulators.astype(np.uint64),
    )
    for packed, frame in zip(_views(network.frames), (*state.hidden_prototypes, state.prototypes), strict=True):
        pack_rows(frame, packed)
    for view, thresholds in zip(_views(network.thresholds), state.thresholds, strict=bool(state.thresholds)):
        view[0] = thresholds
    return network


def _work(settings: Settings) -> Work:
    last = settings.network.sizes[-1]
    inputs = [columns for _, columns in settings.matrices]
    words = [_words(settings, index) for index in range(settings.network.layers)]
    outputs = [(1, rows) for rows, _ in settings.matrices]
    return Work(
        a=zeros([(1, width) for width in (*inputs, last)], np.int8),
        words=zeros([(1, width) for width in (*words, packed_width(last))], np.uint64),
        z=zeros(outputs, np.int32),
        d=zeros(outputs, np.int8),
        votes=np.zeros(max(inputs), np.int32),
        y=np.zeros(settings.network.classes, np.int32),
    )


def _counter_type(settings: Settings) -> type[np.int16] | type[np.int32]:
    return np.int16 if settings.learning.clipping == "step" else np.int32


def _words(settings: Settings, index: int) -> int:
    """Words of a layer's packed inputs; a cell's state begins at a word of its own."""
    first, state, *_ = settings.network.sizes
    if index == 0 and settings.recurrent:
        return packed_width(first) + packed_width(state)
    return packed_width(settings.matrices[index][1])


def _rules(settings: Settings, rates: tuple[int, ...], gamma: tuple[int, ...]) -> Rules:
    learning = settings.learning
    top = 2 ** (learning.bits - 1)
    low, high = (-top, top - 1) if learning.clipping == "step" else (-UNCLIPPED, UNCLIPPED)
    drawn = learning.reinforcement == "events"
    number = _counter_type(settings)
    return Rules(
        gamma=np.array(gamma, np.int64),
        gates=np.array(settings.G, np.int64),
        margins=np.array(settings.margins, np.int64),
        rates=np.array(rates if drawn else (0,) * len(rates), np.int64),
        keep=learning.tie == "keep",
        low=number(low),
        high=number(high),
        stride=learning.update_stride,
        burst=learning.burst,
    )


def _views(layers: Layers) -> list[NDArray[Any]]:
    return [
        layers.flat[start : start + rows * columns].reshape(rows, columns)
        for start, rows, columns in zip(layers.starts, layers.rows, layers.columns, strict=True)
    ]
