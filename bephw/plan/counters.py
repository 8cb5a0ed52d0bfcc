"""When the hidden weights of a layer are done with each winner and each sample (rtl_gen/weights/hidden_weights.py)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import lru_cache

from bephw.plan.pipeline import NEVER, Pipeline
from bephw.rtl_gen.weights.counter_memory import STAGES
from bephw.rtl_gen.weights.reinforcement import Reinforcement
from bephw.rtl_gen.weights.row_places import RowPlaces
from bephw.shape import LayerShape

__all__ = ["SHOWN", "WRITTEN", "CountersModel"]

SHOWN = 2  # cycles from the winner queue's input to its output
ISSUED = 3  # from taking an operation to its turn
WRITTEN = len(STAGES) - 1  # from issuing an operation to its write
KNOWN = 3  # from a sample's turn until it is known that it has no events


@lru_cache(maxsize=65536)
def _place_latency(shape: LayerShape) -> int:
    return RowPlaces.latency(shape)


@lru_cache(maxsize=65536)
def _event_latency(shape: LayerShape) -> int:
    return Reinforcement.latency(shape)


class CountersModel:
    """Takes winners in order.

    Attributes:
        inputs_done, sample_done: of the last sample that has ended.
        settled: cycle from which `settled` is high, if nothing more comes.
        updating, reinforcing: busy cycles so far, as the profile registers count them.
    """

    def __init__(self, shape: LayerShape, *, single_port: bool) -> None:
        self._outputs, self._row_chunks = shape.outputs, shape.row_chunks
        self._placing, self._drawing = _place_latency(shape), _event_latency(shape)
        self._operations = _PortOperations() if single_port else _Operations()
        self._places = Pipeline()
        self._read = self._vacant = self._finished = NEVER
        self._to_sweep, self._sweep_from = 0, NEVER
        self._known = self._first_event = NEVER
        self._events: Sequence[int] = ()
        self.inputs_done = self.sample_done = self.settled = NEVER
        self.updating = self.reinforcing = 0

    def take(self, written: int, row: int, *, first: bool, end: bool, learn: bool, events: Sequence[int]) -> int:
        """A beat of winners was written to the queue in cycle `written`: row number or -1; `first` or `end` of a sample
        whose `events` are in these words. Returns the cycle in which it is taken from the queue."""
        shown = max(written + SHOWN, self._read + 1)
        self._sweep(shown)
        read, begun = self._place(shown)
        if first and (row >= 0 or learn):
            self._draw(begun, events)
        finished = walked = self._walk(begun, row) if row >= 0 else begun
        if end and self._events:
            finished = self._reinforce(walked)
        elif end and (row < 0 or walked < self._known):
            finished = self._operations.take(max(walked + 1, self._known), NEVER)
        self._finish(begun, walked, finished, end=end)
        return read

    def swapped(self, cycle: int) -> None:
        """The planes were swapped: all rows are read once more, whenever no winner wants to be taken."""
        self._to_sweep, self._sweep_from = self._outputs, cycle + 1

    def end_batch(self) -> None:
        """No more winners come: the rest of the rows are swept, and `settled` is late by that."""
        if self._to_sweep:
            self._sweep(-NEVER)
            self.settled = self._operations.settled(signs=True)

    def _sweep(self, until: int) -> None:
        """Take rows that are left of a sweep, in the cycles before `until`."""
        while self._to_sweep:
            # One at a time, for winners are not to wait for more.
            taken = max(self._sweep_from, self._vacant)
            if taken >= until:
                return
            self._to_sweep -= 1
            _, begun = self._place(taken)
            first = (self._outputs - 1 - self._to_sweep) * self._row_chunks
            self._finished = self._operations.take_row(begun + 1, first, self._row_chunks, changing=False)

    def _place(self, offered: int) -> tuple[int, int]:
        """A job is offered from a cycle on; when it is taken, and when its turn comes."""
        taken = self._read = self._places.moving(max(offered, self._read + 1))
        placed = self._places.after(taken, self._placing)
        begun = max(placed, self._finished)
        self._places.hold(placed, begun)
        self._vacant = begun + 1
        return taken, begun

    def _draw(self, begun: int, events: Sequence[int]) -> None:
        """A sample's turn comes, and its share of events is worked out."""
        self._known, self._events = begun + KNOWN, events
        self._first_event = begun + 1 + self._drawing

    def _finish(self, begun: int, walked: int, finished: int, *, end: bool) -> None:
        """A job is done, its row in cycle `walked`."""
        self._finished = finished
        self.updating += walked - begun
        self.reinforcing += finished - walked
        if end:
            self._known, self._events = NEVER, ()
            self.inputs_done = self._operations.issued
            self.sample_done = self.inputs_done + 1
            self.settled = self._operations.settled(signs=finished == walked)

    def _reinforce(self, free: int) -> int:
        """All events of a sample, from the cycle after `free`; the cycle in which the last is taken."""
        taken = max(free, self._first_event - 1)
        for word in self._events:
            taken = self._operations.take(taken + 1, word)
        return taken

    def _walk(self, begun: int, row: int) -> int:
        """A row's operations; the cycle in which the last is taken."""
        first = row * self._row_chunks
        return self._operations.take_row(begun + 1, first, self._row_chunks)


class _PortOperations:
    """The operations of a counter memory with a single port: two cycles each."""

    def __init__(self) -> None:
        self.issued = NEVER

    def settled(self, *, signs: bool) -> int:
        """The cycle from which `settled` is high, if nothing more comes: three registers later."""
        return self.issued + 3

    def take(self, available: int, word: int) -> int:
        """An operation that is offered from a cycle on; the cycle in which it is taken."""
        return self.take_row(available, word, 1)

    def take_row(self, available: int, first: int, count: int, *, changing: bool = True) -> int:
        """As many operations, one after the other; the cycle in which the last is taken."""
        self.issued = max(available, self.issued + 1) + 2 * count - 1
        return self.issued


class _Operations:
    """The counter memory's pipeline: `issued` is when the last operation was."""

    def __init__(self) -> None:
        self._pipeline = Pipeline(2 * WRITTEN)
        self._under_way: deque[tuple[int, int]] = deque(maxlen=WRITTEN + 1)  # when issued, word
        self._taken = self.issued = NEVER

    def settled(self, *, signs: bool) -> int:
        """The cycle from which `settled` is high, if nothing more comes: the write, the signs, three registers."""
        return self.issued + WRITTEN + 3 + signs

    def take(self, available: int, word: int, *, changing: bool = True) -> int:
        """An operation that is offered from a cycle on; the cycle in which it is taken. The word NEVER is none."""
        taken = self._pipeline.moving(max(available, self._taken + 1))
        turn = issue = self._pipeline.after(taken, ISSUED)
        for at, other in self._under_way:
            if other == word != NEVER:
                issue = max(issue, at + WRITTEN + 1)
        self._pipeline.hold(turn, issue)
        self._under_way.append((issue, word if changing else NEVER))
        self._taken, self.issued = taken, issue
        return taken

    def take_row(self, available: int, first: int, count: int, *, changing: bool = True) -> int:
        """As many operations on words from `first` on; the cycle in which the last is taken."""
        # Only the first words of a row can still be in the hands of operations before it.
        alone = min(count, WRITTEN)
        for word in range(first, first + alone):
            available = self.take(available, word, changing=changing) + 1
        rest = count - alone
        if rest:
            begun = self._pipeline.moving(available)
            self._taken = self._pipeline.after(begun, rest) - 1
            self.issued = self._taken + ISSUED
            for back in reversed(range(min(rest, WRITTEN + 1))):
                self._under_way.append((self.issued - back, first + count - 1 - back if changing else NEVER))
            available = self._taken + 1
        return available - 1
