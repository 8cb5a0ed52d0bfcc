"""A training under way: epoch after epoch, batch after batch, with what a checkpoint keeps of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from bephw.average import WeightAverage
from bephw.errors import BephwError, check
from bephw.golden import checkpoint as checkpoints
from bephw.golden.anchor import Anchor
from bephw.golden.checkpoint import Checkpoint
from bephw.golden.gamma import epoch_gamma
from bephw.golden.history import Epoch
from bephw.golden.learner import Learner
from bephw.golden.open_epoch import OpenEpoch
from bephw.golden.rates import rates
from bephw.golden.streams import Samples, checksum
from bephw.golden.teaching import Teaching
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Progress", "Run", "epoch_rates"]

PIECE = 2_000
"""Samples that are learnt at once, about."""


@dataclass(frozen=True)
class Progress:
    """How far a training is: `epoch` (from 1) is under way, and `done` is what has come of it so far."""

    epoch: int
    done: OpenEpoch


def epoch_rates(settings: Settings, history: list[Epoch]) -> tuple[int, ...]:
    """Rates of the epoch after `history`: by the last training accuracy, 1 / classes before the first."""
    return rates(settings, history[-1].train_accuracy if history else 1 / settings.network.classes)


@dataclass
class Run:
    """A training, between two batches.

    Attributes:
        learner: what learns; it has the state that training begins from.
        dataset: what it learns.
        checkpoint: file that is rewritten after every epoch, or None.
        every: samples of an epoch after which it is also rewritten, in whole batches; None is at ends of epochs only.
        on_samples, on_progress, on_kept: as in `bephw.golden.training.fit`.
        history: the epochs so far.
        average: of the weights, where `learning.average` asks for it.
        under_way: the epoch after those, as far as the checkpoint has it.
        anchor: with `learning.lag`.
        teaching: how the samples come to the learner.
    """

    learner: Learner
    dataset: Samples
    checkpoint: str | Path | None = None
    every: int | None = None
    on_samples: Callable[[int], object] | None = None
    on_progress: Callable[[Progress], object] | None = None
    on_kept: Callable[[int], object] | None = None
    history: list[Epoch] = field(default_factory=list)
    average: WeightAverage | None = None
    under_way: OpenEpoch = field(default_factory=OpenEpoch)
    anchor: Anchor | None = None

    def __post_init__(self) -> None:
        self._samples = checksum(self.dataset)
        self.teaching = Teaching(self.learner, self.dataset, self.on_kept)

    @property
    def settings(self) -> Settings:
        return self.learner.settings

    # -- where it begins --------------------------------------------------------------------------

    def begin(self, state: NetworkState) -> None:
        """From a state, at the first epoch."""
        memory = self.settings.learning.average
        self.average = WeightAverage(memory) if memory else None
        self.learner.load(state)
        self._drop_anchor(state)
        self.save(state)

    def go_on(self) -> None:
        """From the checkpoint. Raises `BephwError` where that cannot be."""
        assert self.checkpoint is not None, "asked for by whoever resumes"
        start = checkpoints.load(self.checkpoint, self.settings, self._samples)
        self.history, self.average, self.anchor = start.history, start.average, start.anchor
        self.under_way = replace(start.under_way) if start.under_way else OpenEpoch()
        in_batches = self.under_way.position % self.settings.learning.batch == 0
        check(
            in_batches and self.under_way.position < len(self.dataset.x_train),
            f"checkpoint {self.checkpoint}: under_way must lie between two batches of the epoch, not at sample "
            f"{self.under_way.position}",
        )
        self._restore(start)
        self.learner.random = start.random

    def _restore(self, start: Checkpoint) -> None:
        """Bring the learner to where the checkpoint was written."""
        lagging = self.settings.learning.lag and not self._at_anchor
        if not lagging or (start.planes is not None and self.learner.restores_planes):
            self.learner.load(start.state, start.planes if lagging else None)
            return
        check(
            self.anchor is not None,
            f"checkpoint {self.checkpoint}: has no anchor, which learning.lag = 1 needs on a board: start afresh",
        )
        self._replay()
        found, expected = self.learner.state.to_arrays(), start.state.to_arrays()
        different = [name for name, array in expected.items() if (found[name] != array).any()]
        if different:
            raise BephwError(f"checkpoint {self.checkpoint}: {different[0]} is not what comes of its anchor")

    @property
    def _at_anchor(self) -> bool:
        """Whether the planes show the counters now."""
        return self.anchor is not None and self.anchor.epochs == len(self.history) and not self.under_way.position

    def _drop_anchor(self, state: NetworkState) -> None:
        if self.settings.learning.lag:
            self.anchor = Anchor(state, len(self.history))

    def _replay(self) -> None:
        """Learn once more what was learnt since the anchor."""
        assert self.anchor is not None, "checked before"
        whole, self.history = self.history, self.history[: self.anchor.epochs]
        self.learner.load(self.anchor.state)
        self.learner.prepare(self.dataset.x_train[:1])
        for epoch in whole[self.anchor.epochs :]:
            self._learn(OpenEpoch(), len(self.dataset.x_train))
            self.learner.end_batch()
            self.history = [*self.history, epoch]
        if self.under_way.position:
            self._learn(OpenEpoch(), self.under_way.position)

    # -- how it goes on ---------------------------------------------------------------------------

    def epoch(self) -> Epoch:
        """One epoch, or what is left of it; it ends with an end of batch (also where the last one was full), and the
        average is moved on."""
        began = time.perf_counter()
        settings, learner, n = self.settings, self.learner, len(self.dataset.x_train)
        done = replace(self.under_way)
        before = done.seconds
        self._learn(done, n, self._note)
        learner.end_batch()
        state = learner.state
        network = state if self.average is None else self.average.add(state).network(state, settings.learning.bits)
        learnt = Epoch(
            epoch=len(self.history) + 1,
            train_accuracy=done.hits / n,
            validation_accuracy=self._accuracy(network, self.dataset.x_validation, self.dataset.y_validation),
            test_accuracy=self._accuracy(network, self.dataset.x_test, self.dataset.y_test),
            taught=done.taught / (n * (settings.network.layers if settings.local else 1)),
            rates=epoch_rates(settings, self.history),
            gamma=epoch_gamma(settings, self.history),
            seconds=before + time.perf_counter() - began,
            learning_seconds=done.learning_seconds,
            weights="last" if self.average is None else "average",
        )
        self.history.append(learnt)
        self.under_way = OpenEpoch()
        if n % settings.learning.batch == 0:  # The last batch was full, so that two ends of batch have followed it.
            self._drop_anchor(state)
        self.save(state)
        return learnt

    def _learn(self, done: OpenEpoch, end: int, on_piece: Callable[[OpenEpoch], None] | None = None) -> None:
        """The samples of the epoch after the history up to number `end`, those that are `done` left out."""
        settings, learner = self.settings, self.learner
        number = len(self.history) + 1
        learner.begin_epoch(epoch_rates(settings, self.history), epoch_gamma(settings, self.history))
        lessons = self.teaching.lessons(number)
        piece = self._piece(end)
        while done.position < end:
            began, began_learning = time.perf_counter(), time.thread_time()
            until = min(done.position + piece, end)
            tally = lessons(done.position, until, self.on_samples if on_piece else None)
            done.position = until
            done.hits += tally.hits
            done.taught += tally.taught
            done.seconds += time.perf_counter() - began
            if learner.keeps_time and done.learning_seconds is not None:
                done.learning_seconds += time.thread_time() - began_learning
            else:
                done.learning_seconds = None
            if on_piece:
                on_piece(done)

    def _piece(self, end: int) -> int:
        """Whole batches: cut ones cost more. One that keeps its samples learns as many as it may."""
        batch = self.settings.learning.batch
        piece = batch * (max(1, PIECE // batch) if self.teaching.keeper is None else -(-end // batch))
        return piece if self.every is None else min(piece, batch * -(-self.every // batch))

    def _note(self, done: OpenEpoch) -> None:
        """After a piece."""
        if self.on_progress:
            self.on_progress(Progress(len(self.history) + 1, done))
        due = self.every is not None and done.position - self.under_way.position >= self.every
        if due and done.position < len(self.dataset.x_train) and self.checkpoint is not None:
            self.under_way = replace(done)
            self.save(self.learner.state)

    def _accuracy(self, network: NetworkState, x: NDArray[Any] | None, y: NDArray[Any] | None) -> float | None:
        if x is None or y is None or not len(y):
            return None
        return float((self.learner.predict(network, x) == y).mean())

    def save(self, state: NetworkState) -> None:
        """Rewrite the checkpoint, if there is to be one."""
        if self.checkpoint is None:
            return
        made = Checkpoint(
            state,
            self.history,
            self.learner.random,
            self._samples,
            self.average,
            self.learner.planes if self.settings.learning.lag else None,
            self.under_way if self.under_way.position else None,
            self.anchor,
        )
        checkpoints.save(self.checkpoint, self.settings, made)
