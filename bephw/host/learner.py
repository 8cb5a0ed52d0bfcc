"""A board as what `bephw.golden.training.fit` trains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bephw.errors import check
from bephw.golden.learner import Answers, Planes, Stretch, Tally
from bephw.golden.model import GoldenModel
from bephw.host.board import Board
from bephw.host.store import Store
from bephw.rtl_gen.supported import check_supported
from bephw.settings import Settings
from bephw.sim.job import runtime_registers
from bephw.state import NetworkState

__all__ = ["BoardLearner"]


class BoardLearner:
    """`board` as a `bephw.golden.learner.Learner`: it learns what the golden model does, bit for bit.

    Its planes cannot be read, nor loaded but as the signs of counters. So with `learning.lag`, where a prediction by
    the counters' signs would disturb the next batch, the golden model makes those predictions, from the board's state.

    Args:
        board: connected.
        settings: that it was built with.
        store: whether training samples may go to the board's store, if it has one.

    Attributes:
        kept: the store, while it has the training samples.
        not_kept: why it has not, where it was asked to.

    Raises `BephwError` where hardware of these settings would compute something else, and as `Connection`.
    """

    restores_planes = False
    keeps_time = False
    planes: Planes | None = None

    def __init__(self, board: Board, settings: Settings, store: bool = True) -> None:
        check_supported(settings)
        self.settings = settings
        self.random = np.random.default_rng(0)  # hardware has no other reinforcement than by events
        self.kept: Store | None = None
        self.not_kept: str | None = None
        self._board = board
        self._stores = store and board.has_store
        self._state: NetworkState | None = None  # as it has been read or loaded, where nothing was learnt since
        self._steps = settings.data.steps
        board.until_idle()
        for name, value in {"control": 1, **runtime_registers(settings)}.items():
            board.write(name, value)

    @property
    def board(self) -> Board:
        return self._board

    @property
    def state(self) -> NetworkState:
        if self._state is None:
            self._board.until_idle()
            self._state = self._board.read_state()
        return self._state

    def load(self, state: NetworkState, planes: Planes | None = None) -> None:
        assert planes is None, "boards take none"
        state.validate(self.settings)
        self._board.until_idle()
        self._board.load_state(state)
        self._state = state
        self.kept = self.not_kept = None  # a training begins, of samples that nobody knows yet

    def prepare(self, x: NDArray[np.uint8]) -> None:
        self._set_steps(x)

    def begin_epoch(self, rates: tuple[int, ...], gamma: tuple[int, ...]) -> None:
        check(gamma == self.settings.gamma, f"gamma: a board has {self.settings.gamma} and no other, not {gamma}")
        self._board.until_idle()
        for layer, rate in enumerate(rates):
            self._board.write(f"rate_{layer}", rate)

    def train(
        self, x: NDArray[np.uint8], y: NDArray[np.integer], on_samples: Callable[[int], object] | None = None
    ) -> Answers:
        self._set_steps(x)
        self._check_labels(y)
        self._state = None
        found = self._board.stream(x, y, _increments(on_samples))
        return Answers(found.label, found.taught)

    def keep(
        self, x: NDArray[np.uint8], y: NDArray[np.integer], on_kept: Callable[[int], object] | None = None
    ) -> bool:
        self.kept = self.not_kept = None
        if not self._stores:
            return False
        store = self._board.store
        self.not_kept = store.refusal(x, y)
        if self.not_kept is not None:
            return False
        if not store.holds(x, y):
            store.load(x, y, on_kept)
        self.kept = store
        return True

    def train_kept(self, stretch: Stretch, on_samples: Callable[[int], object] | None = None) -> Tally:
        assert self.kept is not None, "asked for once samples are kept"
        self._state = None
        self._steps = self.kept.steps
        found = self.kept.run(stretch, _increments(on_samples))
        taught = sum(count for name, count in found.counts.items() if name.startswith("taught"))
        return Tally(found.correct, taught)

    def end_batch(self) -> None:
        self._state = None
        self._board.end_batch()

    def predict(self, network: NetworkState, x: NDArray[np.uint8]) -> NDArray[np.int64]:
        if self.settings.learning.lag:
            return GoldenModel(self.settings, network).predict(x)[0]
        state = self.state
        shown = all(map(_same_signs, network.counters, state.counters))
        if not shown:
            self._show(replace(state, counters=network.counters))
        found = self.classify(x)
        if not shown:
            self._show(state)
        return found

    def classify(self, x: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Classes (n,) by the planes as they are; nothing is learnt."""
        self._set_steps(x)
        self._board.until_idle()
        self._board.write("control", 0)
        found = self._board.stream(x, np.zeros(len(x), np.int64))
        self._board.until_idle()
        self._board.write("control", 1)
        return found.label

    def _show(self, state: NetworkState) -> None:
        self._board.until_idle()
        self._board.load_state(state)

    def _set_steps(self, x: NDArray[np.uint8]) -> None:
        if self._steps is None or x.ndim != 3 or x.shape[1] == self._steps:
            return
        most = self.settings.data.steps or 0
        check(1 <= x.shape[1] <= most, f"x: must have 1 to {most} steps on this board, not {x.shape[1]}")
        self._steps = x.shape[1]
        self._board.write("steps", self._steps)

    def _check_labels(self, y: NDArray[np.integer]) -> None:
        """A label that is no class has to be one that the trainer's port can carry."""
        classes = self.settings.network.classes
        power = classes & (classes - 1) == 0
        known = not power or len(y) == 0 or int(y.max()) < classes
        check(known, f"y: must be below {classes} on a board of so many classes, not {y.max(initial=0)}")


def _same_signs(a: NDArray[np.int16], b: NDArray[np.int16]) -> bool:
    return a is b or bool(((a >= 0) == (b >= 0)).all())


def _increments(on_samples: Callable[[int], object] | None) -> Callable[[int], None] | None:
    """From how many there are so far to how many came."""
    if on_samples is None:
        return None
    tell, before = on_samples, 0

    def told(count: int) -> None:
        nonlocal before
        tell(count - before)
        before = count

    return told
