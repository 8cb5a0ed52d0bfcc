"""The golden model: sample for sample what numerics.md says, for every algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bephw.errors import check
from bephw.golden import reinforcement
from bephw.golden.compiled.engine import CompiledEngine
from bephw.golden.engine import Engine
from bephw.golden.forward import predict
from bephw.golden.numpy_engine import NumpyEngine
from bephw.golden.rates import probability
from bephw.golden.scores import class_scores
from bephw.limits import LARGEST_RATE
from bephw.rates import first_rates
from bephw.settings import Settings
from bephw.state import NetworkState
from bephw.words import counted

__all__ = ["EngineName", "GoldenModel", "Record"]

EngineName = Literal["compiled", "numpy"]

BERNOULLI = 3  # The random stream of this name; `initial` has 0 to 2.


@dataclass(frozen=True, eq=False)
class Record:
    """What came out for each of n samples, in stream order.

    Attributes:
        prediction: int64 (n,), the class predicted by the planes of the sample's own batch.
        logits: int32 (n, classes), of the last layer's classifier.
        taught: bool (n,), whether the sample taught (section 3); (n, layers) for the local rule.
    """

    prediction: NDArray[np.int64]
    logits: NDArray[np.int32]
    taught: NDArray[np.bool_]


class GoldenModel:
    """A network in training, at any point of its sample stream.

    `rates` (a tuple, one a layer) starts as the settings fix it, else as training derives it for an
    accuracy of 1 / classes; it may be set between any two calls and holds from the next sample on; so may `gamma`, the
    winner group size of every layer.
    `random` draws the reinforcement where the settings ask for the papers' "bernoulli".
    `batch_position` is the number of samples in the batch that is open. `planes` are its visible weights, uint8
    (K_out, K_in) a layer; the first batch's are the signs of the counters in `state`, where they are not given.
    `engine` is "compiled", or the reference "numpy"; both give the same bits.
    """

    def __init__(
        self,
        settings: Settings,
        state: NetworkState,
        engine: EngineName = "compiled",
        *,
        planes: Sequence[NDArray[np.uint8]] | None = None,
    ) -> None:
        state.validate(settings)
        self.settings, self.engine = settings, engine
        self.rates = first_rates(settings)
        self.gamma = settings.gamma
        self.batch_position = 0
        self.random = np.random.default_rng([settings.learning.seed, BERNOULLI])
        self._fixed = state
        self._engine: Engine
        self._engine = CompiledEngine(settings, state) if engine == "compiled" else NumpyEngine(settings, state)
        if planes is not None:
            self._engine.show(planes)

    @property
    def rates(self) -> tuple[int, ...]:
        """Reinforcement rate of every layer, in events of 2^-16 a sample."""
        return self._rates

    @rates.setter
    def rates(self, rates: tuple[int, ...]) -> None:
        layers = self.settings.network.layers
        check(
            len(rates) == layers,
            f"rates: must have {counted(layers, 'entry', 'entries')}, one a layer, not {len(rates)}",
        )
        for index, rate in enumerate(rates):
            check(0 <= rate <= LARGEST_RATE, f"rates[{index}]: must be 0 to {LARGEST_RATE}, not {rate}")
        self._rates = tuple(int(rate) for rate in rates)

    @property
    def gamma(self) -> tuple[int, ...]:
        """Winner group size of every layer."""
        return self._gamma

    @gamma.setter
    def gamma(self, gamma: tuple[int, ...]) -> None:
        widths = self.settings.network.sizes[1:]
        check(
            len(gamma) == len(widths),
            f"gamma: must have {counted(len(widths), 'entry', 'entries')}, one a layer, not {len(gamma)}",
        )
        for index, (size, width) in enumerate(zip(gamma, widths, strict=True)):
            legal = 1 <= size <= width and width % size == 0
            check(legal, f"gamma[{index}]: must divide the layer's {counted(width, 'output')}, not {size}")
        self._gamma = tuple(int(size) for size in gamma)

    @property
    def planes(self) -> tuple[NDArray[np.uint8], ...]:
        """A copy of the visible weights (K_out, K_in) of every layer that the open batch reads."""
        return tuple(self._engine.planes)

    @property
    def updates(self) -> int | None:
        """Rows that lessons have updated so far, all layers, reinforcement aside; None where the engine does not count
        them: "numpy" does."""
        return self._engine.updates

    @property
    def state(self) -> NetworkState:
        """A copy of all that the network remembers, but for the planes, which are frozen until `end_batch`."""
        return NetworkState(
            counters=tuple(counters.astype(np.int16) for counters in self._engine.counters),
            prototypes=self._fixed.prototypes.copy(),
            generators=np.array(self._engine.generators, np.uint32),
            accumulators=np.array(self._engine.accumulators, np.uint32),
            hidden_prototypes=tuple(frame.copy() for frame in self._fixed.hidden_prototypes),
            thresholds=tuple(thresholds.copy() for thresholds in self._fixed.thresholds),
            scales=None if self._fixed.scales is None else self._fixed.scales.copy(),
            offsets=None if self._fixed.offsets is None else self._fixed.offsets.copy(),
        )

    def train(self, x: ArrayLike, y: ArrayLike) -> Record:
        """Learn from `x` (n, K_0) bits and `y` (n,) labels, in order; batches end by themselves as they fill.

        In a recurrent network `x` is (n, steps, K_0), with at least one step. A label that is no class (at least
        `classes`) never teaches. Raises `BephwError` on other shapes or values, and where the network cannot learn.
        """
        settings = self.settings
        algorithm, reason = settings.learning.algorithm, settings.network.for_inference
        check(not settings.in_pytorch, f"learning.algorithm: {algorithm} does not learn in the golden model")
        check(not reason, f"{reason}: are for inference; a network with them cannot learn")
        bits, labels = self._bits(x), _labels(y, settings.network.classes)
        check(len(labels) == len(bits), f"y: must have {counted(len(bits), 'label')}, one a sample, not {len(labels)}")
        longest = self._engine.most_samples(self._rates, _steps(bits))
        records, start = [], 0
        while start < len(bits):
            end = min(start + settings.learning.batch - self.batch_position, start + longest, len(bits))
            logits, taught = self._engine.learn(
                bits[start:end], labels[start:end], self._rates, self._gamma, self.batch_position
            )
            records.append(Record(predict(logits), logits, taught))
            self.batch_position += end - start
            if self.batch_position == settings.learning.batch:
                self.end_batch()
            start = end
        return _joined(records, settings)

    def warm_up(self, x: ArrayLike) -> None:
        """Load (or compile) the engine's code for samples like `x` (see `train`); nothing is learned."""
        bits = self._bits(x)[:0]
        if self.engine == "compiled" and self.settings.learning.algorithm != "ste":
            self._engine.learn(bits, np.zeros(0, np.int64), self._rates, self._gamma, self.batch_position)
            self._engine.logits(bits)

    def end_batch(self) -> None:
        """Close the batch that is open: the planes show the counters, or with `learning.lag` 1 what these were at the
        last end before. A batch without a sample is one too: two ends in a row show the counters as they are."""
        learning, engine = self.settings.learning, self._engine
        engine.refresh()
        if self.batch_position and learning.reinforcement == "bernoulli":
            # Away from zero: what the planes show stays the same.
            for counters, rate in zip(engine.counters, self._rates, strict=True):
                chance = probability(rate, learning.batch, counters.shape)
                reinforcement.bernoulli(counters, chance, learning.bits, self.random)
        self.batch_position = 0

    def predict(self, x: ArrayLike) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Prediction (n,) and logits (n, classes) of `x` (see `train`) by the frozen planes; nothing is learned.

        Logits are int32; with `network.scores` they are the classes' scores, int64.
        """
        bits = self._bits(x)
        logits = np.empty((len(bits), self.settings.network.classes), np.int32)
        run = self._engine.most_samples((0,) * self.settings.network.layers, _steps(bits))
        for start in range(0, len(bits), run):
            logits[start : start + run] = self._engine.logits(bits[start : start + run])
        if self._fixed.scales is None or self._fixed.offsets is None:
            return predict(logits), logits
        scores = class_scores(logits, self.settings.network.sizes[-1], self._fixed.scales, self._fixed.offsets)
        return predict(scores), scores

    def _bits(self, x: ArrayLike) -> NDArray[Any]:
        x, inputs = np.asarray(x), self.settings.network.sizes[0]
        check(x.dtype.kind in "bui", f"x: must be bits of an integer type, not {x.dtype}")
        if self.settings.recurrent:
            legal = x.ndim == 3 and x.shape[2] == inputs and x.shape[1] > 0
            check(legal, f"x: must have shape (samples, steps, {inputs}) with at least one step, not {x.shape}")
        else:
            check(x.ndim == 2 and x.shape[1] == inputs, f"x: must have shape (samples, {inputs}), not {x.shape}")
        if x.size:
            low, high = x.min(), x.max()
            check(low >= 0 and high <= 1, f"x: must be 0 or 1, not {low if low < 0 else high}")
        return x


def _steps(bits: NDArray[Any]) -> int:
    return bits.shape[1] if bits.ndim == 3 else 1


def _labels(y: ArrayLike, classes: int) -> NDArray[np.int64]:
    y = np.asarray(y)
    check(y.ndim == 1, f"y: must have shape (samples,), not {y.shape}")
    check(y.size == 0 or y.dtype.kind in "ui", f"y: must be integers, not {y.dtype}")
    check(y.size == 0 or y.min() >= 0, f"y: must be 0 or more, not {y.min(initial=0)}")
    return np.minimum(y, classes).astype(np.int64)  # All that is no class is one label, and fits the type.


def _joined(records: list[Record], settings: Settings) -> Record:
    if len(records) == 1:
        return records[0]
    classes, taught = settings.network.classes, (0, settings.network.layers) if settings.local else (0,)
    empty = Record(np.zeros(0, np.int64), np.zeros((0, classes), np.int32), np.zeros(taught, np.bool_))
    records = records or [empty]
    return Record(
        prediction=np.concatenate([record.prediction for record in records]),
        logits=np.concatenate([record.logits for record in records]),
        taught=np.concatenate([record.taught for record in records]),
    )
