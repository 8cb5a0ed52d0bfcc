"""A board's own samples, and the epochs that it runs without the host."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bephw.boards.store.layout import record_layout, words_of_a_step
from bephw.boards.store.registers import StoreCommand, StoreStatus
from bephw.errors import BephwError, check
from bephw.golden.learner import Stretch
from bephw.golden.stride_order import nth_stride
from bephw.host.errors import LinkError
from bephw.host.records import records_checksum
from bephw.settings import Settings
from bephw.words import counted

__all__ = ["EpochStatistics", "Store"]


@dataclass(frozen=True)
class EpochStatistics:
    """What a board counted in an epoch, or a part of it.

    Attributes:
        samples: that went through the trainer.
        correct: whose prediction, before they taught, was their label.
        counts: the trainer's statistics, of these samples, by their registers' names.
        waiting: cycles in which the trainer waited for the store; None without `hardware.profile`.
    """

    samples: int
    correct: int
    counts: dict[str, int]
    waiting: int | None

    @property
    def accuracy(self) -> float:
        """Share of the samples, 0 to 1: what the rates of the next epoch come from."""
        return self.correct / self.samples


class Board(Protocol):
    """What a store needs of `bephw.host.board.Board`, which has it."""

    def write(self, name: str, value: int) -> None: ...
    def read(self, *names: str) -> list[int]: ...
    def until_idle(self) -> None: ...
    def end_batch(self) -> None: ...
    def statistics(self) -> dict[str, int]: ...
    def send(self, x: NDArray[np.uint8], y: Sequence[int] | NDArray[np.integer]) -> Iterator[int]: ...


class Store:
    """The memory for samples of a board that has one: `board.store`.

    Samples stay there until the board is programmed or switched off, over connections too.

    Args:
        board: connected.
        settings: of the trainer; `learning.seed` is that of the order of epochs.
        kind, word, depth: of the memory, as the identity block has them: which, bits in a word, words.

    Attributes:
        samples: that are kept; 0 before `load`, or `holds`.
        steps: of each, in a recurrent network; None in others.
        most: that can be.
        epochs: that have been run with learning; which order the next one has. May be set, to go on from a checkpoint.
        statistics: of the last run, or None.
    """

    def __init__(self, board: Board, settings: Settings, kind: str, word: int, depth: int) -> None:
        self._board = board
        self._settings = settings
        self.kind = kind
        self.layout = record_layout(settings, word)
        self.most = depth // self.layout.words
        self.samples = self.epochs = 0
        self.steps = settings.data.steps
        self.statistics: EpochStatistics | None = None

    def load(
        self,
        x: NDArray[np.uint8],
        y: Sequence[int] | NDArray[np.integer],
        on_samples: Callable[[int], object] | None = None,
    ) -> None:
        """Keep bits (n, K_0), or (n, steps, K_0) of at most `data.steps` steps, and labels (n,); what was kept is gone.

        `on_samples` is called with the number of samples that are on their way, now and then.

        Raises `BephwError` for samples that do not fit, and `LinkError` where the board's memory does not hold what was
        sent.
        """
        bits, labels = self.checked(x, y)
        self.samples = 0
        self._begin(StoreCommand.LOAD, len(bits))
        for count in self._board.send(bits, labels):
            if on_samples:
                on_samples(count)
        self._until_idle()
        if on_samples:
            on_samples(len(bits))
        if not self.holds(x, y):
            raise LinkError("the board's memory does not hold the samples that it was sent: is the memory faulty?")

    def holds(self, x: NDArray[np.uint8], y: Sequence[int] | NDArray[np.integer]) -> bool:
        """Whether the memory has just these samples, by a checksum that the board computes of it. If so they need not
        be loaded."""
        bits, labels = self.checked(x, y)
        self._begin(StoreCommand.CHECK, len(bits))
        self._until_idle()
        (found,) = self._board.read("store_checksum")
        # Without the sign that the bus does not know of.
        same = found % 2**32 == records_checksum(bits, labels, self.layout)
        self.samples = len(bits) if same else 0
        self.steps = None if self._settings.data.steps is None else int(np.shape(x)[1])
        return same

    def run_epoch(self, rates: Sequence[int] | None = None, *, learn: bool = True) -> EpochStatistics:
        """All samples once, on the board alone, and the end of the batch behind them.

        With `learn` in the order of `bephw.golden.stride_order.strides` for epoch number `epochs`, with `rates` (a
        layer each) if given; else in the order in which they were loaded: they are classified only.
        """
        self._check_loaded()
        layers = self._settings.network.layers
        right = rates is None or len(rates) == layers
        check(right, f"rates must have {counted(layers, 'entry', 'entries')}, one a layer")
        start, stride = 0, 1 % self.samples
        if learn:
            start, stride = nth_stride(self.samples, self._settings.learning.seed, self.epochs + 1)
        board = self._board
        board.until_idle()
        for index, rate in enumerate(rates or ()):
            board.write(f"rate_{index}", rate)
        (learning,) = board.read("control")
        board.write("control", int(learn))
        found = self.run(Stretch(start, stride, 0, self.samples))
        if learn:
            board.end_batch()
            self.epochs += 1
        board.write("control", learning)
        return found

    def run(self, stretch: Stretch, on_samples: Callable[[int], object] | None = None) -> EpochStatistics:
        """Samples of an epoch, on the board alone, at the rates that it has; they teach as register `control` says. The
        batch is not ended.

        `on_samples` is called with the number of samples that are done, now and then.
        """
        self._check_loaded()
        start, stride, begin, end = stretch
        check(0 <= begin < end <= self.samples, f"a stretch must lie in {self.samples} samples, not {begin} to {end}")
        board = self._board
        board.until_idle()
        if self.steps is not None:
            board.write("steps", self.steps)
            board.write("store_sent", self.steps * words_of_a_step(self._settings))
        before = board.statistics()
        first, last = ((start + index * stride) % self.samples for index in (begin, end))
        for name, samples in (("first", first), ("stride", stride), ("end", last)):
            board.write(f"store_{name}", samples * self.layout.words)
        self._begin(StoreCommand.RUN, self.samples)
        self._until_idle(on_samples and (lambda count: on_samples((count - before["samples"]) % 2**32)))
        board.until_idle()
        self.statistics = self._read_statistics(before, end - begin)
        return self.statistics

    def _begin(self, command: int, samples: int) -> None:
        self._board.until_idle()
        self._until_idle()
        self._board.write("store_size", samples * self.layout.words)
        self._board.write("store_command", command)

    def _until_idle(self, on_count: Callable[[int], object] | None = None) -> None:
        """`on_count` is told register `samples`, again and again."""
        busy = True
        while busy:
            status, count = self._board.read("store_status", "samples")
            busy = bool(status & StoreStatus.BUSY)
            if on_count:
                on_count(count)

    def _check_loaded(self) -> None:
        check(self.samples > 0, "the board's store has no samples: load them first")

    def _read_statistics(self, before: dict[str, int], samples: int) -> EpochStatistics:
        counts = {name: (count - before[name]) % 2**32 for name, count in self._board.statistics().items()}
        (correct,) = self._board.read("store_correct")
        waiting = self._board.read("store_waiting")[0] if self._settings.hardware.profile else None
        return EpochStatistics(samples, correct, counts, waiting)

    def refusal(self, x: NDArray[np.uint8], y: Sequence[int] | NDArray[np.integer]) -> str | None:
        """Why it cannot keep these samples; None where it can."""
        try:
            self.checked(x, y)
        except BephwError as error:
            return str(error)
        return None

    def checked(
        self, x: NDArray[np.uint8], y: Sequence[int] | NDArray[np.integer]
    ) -> tuple[NDArray[np.uint8], NDArray[Any]]:
        """Bits and labels as they are kept: with zeros for the steps that samples lack.

        Raises `BephwError` for those that this store cannot keep.
        """
        bits, labels, classes = self._with_all_steps(np.asarray(x)), np.asarray(y), self._settings.network.classes
        check(len(bits) == len(labels), f"y must have a label for each of {len(bits)} samples, not {len(labels)}")
        check(1 <= len(bits) <= self.most, f"x must have 1 to {self.most} samples for this store, not {len(bits)}")
        wrong = (labels < 0) | (labels >= classes)
        if wrong.any():
            raise BephwError(f"y must be 0 to {classes - 1}, not {labels[wrong][0]}")
        return bits.astype(np.uint8), labels

    def _with_all_steps(self, bits: NDArray[Any]) -> NDArray[Any]:
        inputs, most = self._settings.network.sizes[0], self._settings.data.steps
        if most is None:
            check(bits.shape[1:] == (inputs,), f"x must have shape (n, {inputs}), not {bits.shape}")
            return bits
        right = bits.ndim == 3 and 1 <= bits.shape[1] <= most and bits.shape[2] == inputs
        check(right, f"x must have shape (n, 1 to {most}, {inputs}), not {bits.shape}")
        return np.pad(bits, [(0, 0), (0, most - bits.shape[1]), (0, 0)])
