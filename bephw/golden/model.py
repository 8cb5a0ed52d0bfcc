"""The golden model: BEP on a multi-layer perceptron, sample for sample what numerics.md says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bephw.errors import check
from bephw.golden import counters as counting
from bephw.golden import reinforcement
from bephw.golden.credit import desired_below
from bephw.golden.forward import Signs, activate, preactivation, predict, signed, visible
from bephw.golden.margin import teaches
from bephw.golden.rates import probability, rates
from bephw.golden.winners import winners
from bephw.settings import LARGEST_RATE, Settings
from bephw.state import NetworkState

__all__ = ["GoldenModel", "Record"]

# What is worked on at once is bounded, so that memory does not grow with the batch.
MOST_SAMPLES = 1024
MOST_BITS = 2**24
MOST_EVENTS = 2**20

BERNOULLI = 3  # The random stream of this name; `initial` has 0 to 2.


@dataclass(frozen=True, eq=False)
class Record:
    """What came out for each of n samples, in stream order.

    Attributes:
        prediction: int64 (n,), the class predicted by the planes of the sample's own batch.
        logits: int32 (n, classes).
        taught: bool (n,), whether the sample taught (section 3).
    """

    prediction: NDArray[np.int64]
    logits: NDArray[np.int32]
    taught: NDArray[np.bool_]


class GoldenModel:
    """A network in training, at any point of its sample stream.

    `rates` (a tuple, one a layer) starts as the settings fix it, else as training derives it for an
    accuracy of 1 / classes; it may be set between any two calls and holds from the next sample on.
    `random` draws the reinforcement where the settings ask for the papers' "bernoulli".
    `batch_position` is the number of samples in the batch that is open.
    """

    def __init__(self, settings: Settings, state: NetworkState) -> None:
        state.validate(settings)
        learning = settings.learning
        self.settings = settings
        self.rates = rates(settings, 1 / settings.network.classes)
        self.batch_position = 0
        self.random = np.random.default_rng([learning.seed, BERNOULLI])
        working = counting.working_type(learning.bits)
        # Copies, even where the type is the same: the counters change in place.
        self._counters = [np.array(counters, working, order="C") for counters in state.counters]
        self._planes = [visible(counters) for counters in self._counters]
        self._prototypes = signed(state.prototypes)
        self._generators = [int(generator) for generator in state.generators]
        self._accumulators = [int(accumulator) for accumulator in state.accumulators]

    @property
    def rates(self) -> tuple[int, ...]:
        """Reinforcement rate of every layer, in events of 2^-16 a sample."""
        return self._rates

    @rates.setter
    def rates(self, rates: tuple[int, ...]) -> None:
        layers = self.settings.network.layers
        check(len(rates) == layers, f"rates: must have {layers} entries, one a layer, not {len(rates)}")
        for index, rate in enumerate(rates):
            check(0 <= rate <= LARGEST_RATE, f"rates[{index}]: must be 0 to {LARGEST_RATE}, not {rate}")
        self._rates = tuple(int(rate) for rate in rates)

    @property
    def state(self) -> NetworkState:
        """A copy of counters, prototypes, generators and accumulators (the planes are frozen until `end_batch`)."""
        return NetworkState(
            counters=tuple(counters.astype(np.int16) for counters in self._counters),
            prototypes=(self._prototypes > 0).astype(np.uint8),
            generators=np.array(self._generators, np.uint32),
            accumulators=np.array(self._accumulators, np.uint32),
        )

    def train(self, x: ArrayLike, y: ArrayLike) -> Record:
        """Learn from `x` (n, K_0) bits and `y` (n,) labels, in order; batches end by themselves as they fill.

        A label that is no class (at least `classes`) never teaches. Raises `BephwError` on other shapes or values.
        """
        bits, labels = _bits(x, self.settings.network.sizes[0]), _labels(y, self.settings.network.classes)
        check(len(labels) == len(bits), f"y: must have {len(bits)} labels, one a sample, not {len(labels)}")
        records, start = [], 0
        while start < len(bits):
            room = self.settings.learning.batch - self.batch_position
            end = min(start + room, start + self._most_samples(), len(bits))
            records.append(self._learn(signed(bits[start:end]), labels[start:end]))
            self.batch_position += end - start
            if self.batch_position == self.settings.learning.batch:
                self.end_batch()
            start = end
        return _joined(records, self.settings.network.classes)

    def end_batch(self) -> None:
        """Close the batch that is open: the planes show the counters. Without a sample in it nothing changes."""
        if self.batch_position and self.settings.learning.reinforcement == "bernoulli":
            learning = self.settings.learning
            for counters, rate in zip(self._counters, self._rates, strict=True):
                chance = probability(rate, learning.batch, counters.shape)
                reinforcement.bernoulli(counters, chance, learning.bits, self.random)
        self._planes = [visible(counters) for counters in self._counters]
        self.batch_position = 0

    def predict(self, x: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Prediction (n,) and logits (n, classes) of `x` (n, K_0) bits by the frozen planes; nothing is learned."""
        bits = _bits(x, self.settings.network.sizes[0])
        logits = np.empty((len(bits), self.settings.network.classes), np.int32)
        step = self._most_samples()
        for start in range(0, len(bits), step):
            _, activations = self._forward(signed(bits[start : start + step]))
            logits[start : start + step] = preactivation(activations[-1], self._prototypes)
        return predict(logits), logits

    def _most_samples(self) -> int:
        network = self.settings.network
        fits = MOST_BITS // max(*network.sizes, network.classes)
        events = min(reinforcement.most_samples(rate, MOST_EVENTS) for rate in self._rates)
        return min(MOST_SAMPLES, fits, events)

    def _forward(self, x: Signs) -> tuple[list[Signs], list[Signs]]:
        """z of every layer, and its inputs (one more: the last layer's outputs)."""
        sums, activations = [], [x]
        for plane in self._planes:
            sums.append(preactivation(activations[-1], plane))
            activations.append(activate(sums[-1]))
        return sums, activations

    def _learn(self, x: Signs, labels: NDArray[np.int64]) -> Record:
        """One run of samples within a batch."""
        sums, activations = self._forward(x)
        logits = preactivation(activations[-1], self._prototypes).astype(np.int32)
        taught = teaches(logits, labels, self.settings.R)
        teaching = np.flatnonzero(taught)
        desired = self._prototypes[labels[teaching]]
        for layer in reversed(range(len(sums))):
            z = sums[layer][teaching]
            self._update(layer, activations[layer], teaching, z, desired)
            if layer:
                a, gate = activations[layer][teaching], self.settings.G[layer]
                desired = desired_below(desired, z, self._planes[layer], a, gate, self.settings.learning.tie)
        return Record(predict(logits), logits, taught)

    def _update(self, layer: int, a: Signs, teaching: NDArray[np.intp], z: Signs, desired: Signs) -> None:
        """Winner rows and reinforcement of one layer: `a` of all samples, `z` and `desired` of those that teach."""
        lessons, rows = winners(z, desired, self.settings.gamma[layer])
        samples = teaching[lessons]
        updates = counting.Updates(samples, rows, signs=desired[lessons, rows], sources=samples)
        events = self._events(layer, len(a))
        counting.apply(self._counters[layer], a, updates, events, self.settings.learning.bits)

    def _events(self, layer: int, samples: int) -> reinforcement.Events:
        drawn = self.settings.learning.reinforcement == "events"
        events, self._accumulators[layer], self._generators[layer] = reinforcement.draw(
            samples,
            self._rates[layer] if drawn else 0,
            self._accumulators[layer],
            self._generators[layer],
            self._counters[layer].shape,
        )
        return events


def _bits(x: ArrayLike, inputs: int) -> NDArray[Any]:
    x = np.asarray(x)
    check(x.dtype.kind in "bui", f"x: must be bits of an integer type, not {x.dtype}")
    check(x.ndim == 2 and x.shape[1] == inputs, f"x: must have shape (samples, {inputs}), not {x.shape}")
    if x.size:
        low, high = x.min(), x.max()
        check(low >= 0 and high <= 1, f"x: must be 0 or 1, not {low if low < 0 else high}")
    return x


def _labels(y: ArrayLike, classes: int) -> NDArray[np.int64]:
    y = np.asarray(y)
    check(y.ndim == 1, f"y: must have shape (samples,), not {y.shape}")
    check(y.size == 0 or y.dtype.kind in "ui", f"y: must be integers, not {y.dtype}")
    check(y.size == 0 or y.min() >= 0, f"y: must be 0 or more, not {y.min(initial=0)}")
    return np.minimum(y, classes).astype(np.int64)  # All that is no class is one label, and fits the type.


def _joined(records: list[Record], classes: int) -> Record:
    if len(records) == 1:
        return records[0]
    empty = Record(np.zeros(0, np.int64), np.zeros((0, classes), np.int32), np.zeros(0, np.bool_))
    records = records or [empty]
    return Record(
        prediction=np.concatenate([record.prediction for record in records]),
        logits=np.concatenate([record.logits for record in records]),
        taught=np.concatenate([record.taught for record in records]),
    )
