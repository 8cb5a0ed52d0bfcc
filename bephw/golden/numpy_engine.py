"""The reference engine: NumPy, a batch at a time.

Bits travel as +1/-1 in float32 through the matrix products: every sum is an integer of at most 131,070, which
float32 holds exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.golden import bep, bep_tt, lbes, reinforcement
from bephw.golden import counters as counting
from bephw.golden.forward import Signs, signed, visible
from bephw.golden.lessons import LayerUpdates, Network
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["NumpyEngine"]

# What is worked on at once is bounded, so that memory does not grow with the batch.
MOST_SAMPLES = 1024
MOST_BITS = 2**24
MOST_EVENTS = 2**20

UNCLIPPED_BITS = 31

_LEARN = {
    **dict.fromkeys(("bep", "cp+r", "ste"), bep.learn),
    "lbes": lbes.learn,
    "bep-tt": bep_tt.learn,
}


class NumpyEngine:
    """See `Engine`."""

    def __init__(self, settings: Settings, state: NetworkState) -> None:
        learning = settings.learning
        self._settings = settings
        self._learn = _LEARN[learning.algorithm]
        self._logits = bep_tt.logits if settings.recurrent else bep.logits
        self._clip_bits = learning.bits if learning.clipping == "step" else UNCLIPPED_BITS
        working = counting.working_type(self._clip_bits)
        # Copies, even where the type is the same: the counters change in place.
        self.counters: list[NDArray[Any]] = [np.array(counters, working, order="C") for counters in state.counters]
        self.generators = [int(generator) for generator in state.generators]
        self.accumulators = [int(accumulator) for accumulator in state.accumulators]
        self.updates = 0
        self._frames = [signed(frame) for frame in (*state.hidden_prototypes, state.prototypes)]
        zeros = [np.zeros(len(counters), np.float32) for counters in state.counters]
        self._thresholds = [threshold.astype(np.float32) for threshold in state.thresholds] or zeros
        self._planes = [visible(counters) for counters in self.counters]
        self._coming = self._planes  # with lag: the planes of the next batch

    @property
    def planes(self) -> list[NDArray[np.uint8]]:
        """See `Engine`."""
        return [(plane > 0).astype(np.uint8) for plane in self._planes]

    def show(self, planes: Sequence[NDArray[np.integer]]) -> None:
        """See `Engine`."""
        self._planes = [signed(plane) for plane in planes]

    def learn(
        self,
        bits: NDArray[Any],
        labels: NDArray[np.int64],
        rates: tuple[int, ...],
        gamma: tuple[int, ...],
        position: int,
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """See `Engine`."""
        lessons = self._learn(self._network(gamma), signed(bits), labels)
        for layer, updates in enumerate(lessons.layers):
            self.updates += len(updates.updates.rows)
            events = self._events(layer, len(bits), rates[layer])
            inputs = self._strided(updates, len(bits), position)
            counting.apply(self.counters[layer], inputs, updates.updates, events, self._clip_bits)
        return lessons.logits, lessons.taught

    def logits(self, bits: NDArray[Any]) -> NDArray[np.int32]:
        """See `Engine`."""
        return self._logits(self._network(self._settings.gamma), signed(bits))

    def refresh(self) -> None:
        """See `Engine`."""
        if self._settings.learning.clipping == "batch":
            top = 2 ** (self._settings.learning.bits - 1)
            for counters in self.counters:
                counters.clip(-top, top - 1, out=counters)
        signs = [visible(counters) for counters in self.counters]
        self._planes, self._coming = (self._coming if self._settings.learning.lag else signs), signs

    def most_samples(self, rates: tuple[int, ...], steps: int) -> int:
        """See `Engine`."""
        widest = max(max(shape) for shape in self._settings.matrices)
        fits = MOST_BITS // (max(widest, self._settings.network.classes) * steps)
        burst = self._settings.learning.burst
        events = min(reinforcement.most_samples(rate, MOST_EVENTS, burst) for rate in rates)
        return max(1, min(MOST_SAMPLES, fits, events))

    def _network(self, gamma: tuple[int, ...]) -> Network:
        settings = self._settings
        return Network(
            self._planes, self._frames, self._thresholds, gamma, settings.G, settings.margins, settings.learning.tie
        )

    def _strided(self, updates: LayerUpdates, samples: int, position: int) -> Signs:
        """The inputs, 0 in the columns that their sample leaves alone."""
        stride, inputs = self._settings.learning.update_stride, updates.inputs
        if stride == 1:
            return inputs
        numbers = position + np.arange(len(inputs)) // max(1, len(inputs) // samples)
        return inputs * ((np.arange(inputs.shape[1]) + numbers[:, None]) % stride == 0)

    def _events(self, layer: int, samples: int, rate: int) -> reinforcement.Events:
        drawn = self._settings.learning.reinforcement == "events"
        events, self.accumulators[layer], self.generators[layer] = reinforcement.draw(
            samples,
            rate if drawn else 0,
            self.accumulators[layer],
            self.generators[layer],
            self.counters[layer].shape,
            self._settings.learning.burst,
        )
        return events
