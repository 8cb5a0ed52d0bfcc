"""When the hidden weights of a layer are done with each winner and each sample (rtl_gen/hidden_weights.py)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import lru_cache

from bephw.plan.pipeline import NEVER, Pipeline
from bephw.rtl_gen.counter_memory import STAGES
from bephw.rtl_gen.reinforcement import Placement
from bephw.rtl_gen.row_places import RowPlaces
from bephw.shape import LayerShape

__all__ = ["CountersModel"]

SHOWN = 2  # cycles from the winner queue's input to its output
ISSUED = 3  # from taking an operation to its turn
WRITTEN = len(STAGES) - 1  # from issuing an operation to its write
SETTLED = 4  # from a row's last write to `settled`: signs, and three registers


@lru_cache(maxsize=65536)
def place_latency(shape: LayerShape) -> int:
    """Cycles of `RowPlaces`."""
    return _latency(RowPlaces, shape)


@lru_cache(maxsize=65536)
def event_latency(shape: LayerShape) -> int:
    """Cycles from drawing an event to its being offered: a register, and `Placement`."""
    return _latency(Placement, shape) + 1


def _latency(component: type[RowPlaces] | type[Placement], shape: LayerShape) -> int:
    """What a component says of itself."""
    made = component(shape)
    made._MustUse__silence = True  # Amaranth warns of components that are made and not used
    return int(made.latency)


class CountersModel:
    """Takes winners in order.

    Attributes:
        inputs_done, sample_done: of the last sample that has ended.
        settled: cycle from which `settled` is high, if nothing more comes.
        updating, reinforcing: busy cycles so far, as the profile registers count them.
    """

    def __init__(self, shape: LayerShape, *, single_port: bool) -> None:
        self._outputs, self._row_chunks = shape.outputs, shape.row_chunks
        self._placing, self._drawing = place_latency(shape), event_latency(shape)
        self._places, self._events = Pipeline(), Pipeline()
        self._operations = _Operations(single_port)
        self._read = self._taken = self._entered = self._begun = self._finished = NEVER
        self._to_sweep, self._sweep_from = 0, NEVER
        self._last_draw = self._blocked = self._first_draw = NEVER
        self._pending: Sequence[int] = ()
        self.inputs_done = self.sample_done = self.settled = NEVER
        self.updating = self.reinforcing = 0

    def take(self, written: int, row: int, *, first: bool, end: bool, learn: bool, events: Sequence[int]) -> int:
        """A beat of winners was written to the queue in cycle `written`: row number or -1; `first` or `end` of a sample
        whose `events` are in these words. Returns the cycle in which it is taken from the queue."""
        shown = max(written + SHOWN, self._read + 1)
        self._sweep(shown)
        read = max(shown, self._taken + 1, self._entered, self._blocked if first else NEVER)
        self._read = self._taken = read
        if first and (row >= 0 or learn):
            self._start(read, events, alone=end)
        begun = self._place(read)

        finished = walked = self._walk(begun, row) if row >= 0 else begun
        if end and self._pending:
            finished = self._reinforce(walked)
        elif row < 0:
            finished = self._operations.take(walked + 1, NEVER)
        self._finished = finished
        self.updating += walked - begun
        self.reinforcing += finished - walked
        if end:
            self.inputs_done = self._operations.issued
            self.sample_done = self.inputs_done + 1
            self.settled = self.inputs_done + WRITTEN + (SETTLED if finished == walked else SETTLED - 1)
        return read

    def swapped(self, cycle: int) -> None:
        """The planes were swapped: all rows are read once more, whenever no winner wants to be taken."""
        self._to_sweep, self._sweep_from = self._outputs, cycle + 1

    def end_batch(self) -> None:
        """No more winners come: the rest of the rows are swept, and `settled` is late by that."""
        if self._to_sweep:
            self._sweep(-NEVER)
            self.settled = self._operations.issued + WRITTEN + SETTLED

    def _sweep(self, until: int) -> None:
        """Take rows that are left of a sweep, in the cycles before `until`."""
        while self._to_sweep:
            taken = max(self._sweep_from, self._taken + 1, self._entered)
            if taken >= until:
                return
            self._to_sweep -= 1
            self._taken = taken
            begun = self._place(taken)
            first = (self._outputs - 1 - self._to_sweep) * self._row_chunks
            self._finished = self._operations.take_row(begun + 1, first, self._row_chunks, changing=False)

    def _place(self, taken: int) -> int:
        """A job was taken in a cycle; the one in which its turn comes."""
        self._entered = self._places.moving(taken + 1)
        # One that is placed and not taken waits in a spare register; what is behind it stops a cycle later.
        arrived = max(self._places.after(self._entered, self._placing), self._begun + 1)
        begun = self._begun = self._operations.moving(max(arrived, self._finished))
        if begun > arrived:
            self._places.hold(arrived + 1, begun + 1)
        return begun

    def _start(self, cycle: int, events: Sequence[int], *, alone: bool) -> None:
        """The sample's share of events is worked out; drawing begins when the last sample's are drawn. Until this is
        seen no other sample starts; nor right after a sample that is one beat (`alone`)."""
        self._blocked = max(self._last_draw, cycle if alone else NEVER) + 2
        self._pending = events
        if events:
            self._first_draw = self._events.moving(max(cycle + 1, self._last_draw) + 1)

    def _reinforce(self, free: int) -> int:
        """All events of a sample, from the cycle after `free`; the cycle in which the last is taken."""
        arrived = self._events.after(self._first_draw, self._drawing)
        taken = free
        for number, word in enumerate(self._pending):
            arrived = arrived if number == 0 else taken + 1
            taken = self._operations.take(max(taken + 1, arrived), word)
            self._events.hold(arrived, taken)
        self._last_draw = self._events.after(self._first_draw, len(self._pending)) - 1
        self._pending = ()
        return taken

    def _walk(self, begun: int, row: int) -> int:
        """A row's operations; the cycle in which the last is taken."""
        first = row * self._row_chunks
        return self._operations.take_row(begun + 1, first, self._row_chunks)


class _Operations:
    """The counter memory's pipeline: `issued` is when the last operation was."""

    def __init__(self, single_port: bool) -> None:
        self._single_port = single_port
        self._pipeline = Pipeline(2 * WRITTEN)
        self._under_way: deque[tuple[int, int]] = deque(maxlen=WRITTEN + 1)  # when issued, word
        self._taken = self.issued = NEVER

    def moving(self, cycle: int) -> int:
        """The first cycle from `cycle` on in which an operation would be taken."""
        return self._pipeline.moving(cycle)

    def take(self, available: int, word: int, *, changing: bool = True) -> int:
        """An operation that is offered from a cycle on; the cycle in which it is taken. The word NEVER is none."""
        taken = self._pipeline.moving(max(available, self._taken + 1))
        turn = issue = self._pipeline.after(taken, ISSUED)
        for at, other in self._under_way:
            if other == word != NEVER:
                issue = max(issue, at + WRITTEN + 1)
        if self._single_port:
            writes = {at + WRITTEN for at, other in self._under_way if other != NEVER}
            while issue in writes:
                issue += 1
        self._pipeline.hold(turn, issue)
        self._under_way.append((issue, word if changing else NEVER))
        self._taken, self.issued = taken, issue
        return taken

    def take_row(self, available: int, first: int, count: int, *, changing: bool = True) -> int:
        """As many operations on words from `first` on; the cycle in which the last is taken."""
        # Only the first words of a row can still be in the hands of operations before it.
        alone = count if self._single_port else min(count, WRITTEN)
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
