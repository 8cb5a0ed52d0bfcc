"""What learns in a training: the golden model, or whatever else gives the same bits, such as a board."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from bephw.golden.model import EngineName, GoldenModel
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Answers", "GoldenLearner", "KeepsSamples", "Learner", "Planes", "Stretch", "Tally"]

Planes = tuple[NDArray[np.uint8], ...]


class Answers(NamedTuple):
    """Of n samples, in stream order: the class predicted (n,), and whether each taught (n,), or (n, layers)."""

    prediction: NDArray[np.int64]
    taught: NDArray[np.bool_]


class Stretch(NamedTuple):
    """Samples number `begin` to `end` - 1 of an epoch with this `start` and `stride` (`bephw.golden.stride_order`)."""

    start: int
    stride: int
    begin: int
    end: int


class Tally(NamedTuple):
    """How many of some samples were predicted right, and how many taught (for the local rule, of every layer)."""

    hits: int
    taught: int


class Learner(Protocol):
    """A network in training, at any point of its sample stream.

    Attributes:
        random: generator of the "bernoulli" reinforcement.
        restores_planes: whether `load` takes planes that are not the signs of the counters.
        keeps_time: whether the processor's time is that of learning.
    """

    random: np.random.Generator
    restores_planes: bool
    keeps_time: bool

    @property
    def settings(self) -> Settings: ...

    @property
    def state(self) -> NetworkState:
        """At a batch boundary, all that it remembers but for the planes."""
        ...

    @property
    def planes(self) -> Planes | None:
        """The visible weights (K_out, K_in) of the batch that begins; None where nobody can know."""
        ...

    def load(self, state: NetworkState, planes: Planes | None = None) -> None:
        """Go on from `state`, its batch empty; the planes are the signs of its counters where they are not given."""
        ...

    def prepare(self, x: NDArray[np.uint8]) -> None:
        """For samples like `x`; nothing is learnt."""
        ...

    def begin_epoch(self, rates: tuple[int, ...], gamma: tuple[int, ...]) -> None:
        """Rates and winner groups hold from the next sample on."""
        ...

    def train(
        self, x: NDArray[np.uint8], y: NDArray[np.integer], on_samples: Callable[[int], object] | None = None
    ) -> Answers:
        """Learn from bits and labels, in order. `on_samples`: called with how many are done, now and then."""
        ...

    def end_batch(self) -> None: ...

    def predict(self, network: NetworkState, x: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Classes (n,) of bits `x`, by the signs of `network`'s counters; training does not notice."""
        ...


@runtime_checkable
class KeepsSamples(Protocol):
    """A learner that may keep the training samples, and learn from them without being sent them again."""

    def keep(
        self, x: NDArray[np.uint8], y: NDArray[np.integer], on_kept: Callable[[int], object] | None = None
    ) -> bool:
        """Keep bits and labels, in this order, if that can be; whether it is so. What is learnt stays as it is.
        `on_kept`: called with how many are on their way, now and then."""
        ...

    def train_kept(self, stretch: Stretch, on_samples: Callable[[int], object] | None = None) -> Tally:
        """`Learner.train` from those that are kept."""
        ...


class GoldenLearner:
    """The golden model as a `Learner`."""

    restores_planes = True
    keeps_time = True

    def __init__(self, settings: Settings, state: NetworkState, engine: EngineName = "compiled") -> None:
        self._engine: EngineName = engine
        self._model = GoldenModel(settings, state, engine)

    @property
    def model(self) -> GoldenModel:
        return self._model

    @property
    def settings(self) -> Settings:
        return self._model.settings

    @property
    def state(self) -> NetworkState:
        return self._model.state

    @property
    def planes(self) -> Planes:
        return self._model.planes

    @property
    def random(self) -> np.random.Generator:
        return self._model.random

    @random.setter
    def random(self, random: np.random.Generator) -> None:
        self._model.random = random

    def load(self, state: NetworkState, planes: Planes | None = None) -> None:
        self._model = GoldenModel(self.settings, state, self._engine, planes=planes)

    def prepare(self, x: NDArray[np.uint8]) -> None:
        self._model.warm_up(x)

    def begin_epoch(self, rates: tuple[int, ...], gamma: tuple[int, ...]) -> None:
        self._model.rates, self._model.gamma = rates, gamma

    def train(
        self, x: NDArray[np.uint8], y: NDArray[np.integer], on_samples: Callable[[int], object] | None = None
    ) -> Answers:
        record = self._model.train(x, y)
        if on_samples:
            on_samples(len(record.prediction))
        return Answers(record.prediction, record.taught)

    def end_batch(self) -> None:
        self._model.end_batch()

    def predict(self, network: NetworkState, x: NDArray[np.uint8]) -> NDArray[np.int64]:
        # A model of its own, whose planes show the counters: those of the one that learns may lag behind.
        return GoldenModel(self.settings, network, self._engine).predict(x)[0]
