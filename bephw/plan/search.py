"""When a winner search takes each lesson, and what waits for it (rtl_gen/backward/lesson_buffer.py,
lesson_register.py, winner.py)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from bephw.plan.counters import CountersModel
from bephw.plan.pipeline import NEVER
from bephw.plan.spans import covered
from bephw.rtl_gen.backward.winner import WINNERS_WAITING
from bephw.shape import LayerShape

__all__ = ["ROOM", "STOPPED", "BufferModel", "RegisterModel", "SearchModel", "SearchTimes", "StepClock"]

ROOM = WINNERS_WAITING - 2  # the search stops two cycles after the queue holds more
STOPPED = 2  # cycles from a beat's being taken from a full queue to the next step
FETCHED = 2  # cycles from asking for a slice to its outcomes


class BufferModel:
    """Assembles lessons.

    Attributes:
        free: cycle from which the next one's first beat may be taken.
        consumed: cycle in which the last lesson was given up, as the buffer is told.
    """

    def __init__(self) -> None:
        self.free = self.consumed = NEVER

    def complete(self, taken: int) -> int:
        """A lesson's last beat was taken in cycle `taken`; the cycle from which it is shown."""
        self.free = max(taken, self.consumed) + 2
        return self.free


class RegisterModel:
    """Takes in a lesson when the one before it has been given up.

    Attributes: as of a `BufferModel`.
    """

    def __init__(self) -> None:
        self.consumed = NEVER

    @property
    def free(self) -> int:
        return self.consumed + 1

    def complete(self, taken: int) -> int:
        """As of a `BufferModel`."""
        return taken + 1


class SearchTimes:
    """How long a search takes.

    Attributes:
        slices: cycles of a lesson that teaches.
        fetched: cycles from a slice until its open rows are listed.
        written: cycles from a slice until its winner is written to the queue.
    """

    def __init__(self, shape: LayerShape, gamma: int) -> None:
        slices = shape.slices(gamma)
        self.slices = len(slices)
        # For each winner group, the slice in which it ends.
        place = {output: number for number, outputs in enumerate(slices) for output in outputs}
        self._ends = [place[output] for output in range(gamma - 1, shape.outputs, gamma)]
        self.fetched = FETCHED + (shape.parts(gamma) > 1)
        self.written = self.fetched + 1 + (shape.slice_width(gamma) - 1).bit_length() + 1

    def beats(self, winners: Sequence[int], *, teach: bool, ends: bool) -> list[tuple[int, int]]:
        """Slices with a winner, and the last, if it is the sample's end: (slice, row or -1). `winners`: the row of each
        winner group, or -1."""
        if not teach:
            return [(0, -1)]
        beats = [(place, row) for place, row in zip(self._ends, winners, strict=True) if row >= 0]
        if ends and (not beats or beats[-1][0] != self.slices - 1):
            beats.append((self.slices - 1, -1))
        return beats


class SearchModel:
    """Takes lessons in order and passes winners on to `counters`.

    Attributes:
        consumed: cycle in which the last lesson was given up.
        closed: cycle in which the last lesson's list of open rows was complete.
        spans: in which it was busy so far, a cycle early (see `covered`).
    """

    def __init__(self, shape: LayerShape, gamma: int, counters: CountersModel) -> None:
        self._times = SearchTimes(shape, gamma)
        self._counters = counters
        self._clock = StepClock()
        self._reads: deque[int] = deque(maxlen=ROOM + 1)
        self.consumed = self.closed = NEVER
        self.spans: list[tuple[int, int]] = []

    @property
    def searching(self) -> int:
        """Busy cycles so far."""
        return covered(self.spans)

    def take(
        self, shown: int, list_free: int, winners: Sequence[int], *, teach: bool, learn: bool, events: Sequence[int]
    ) -> None:
        """A lesson is shown from cycle `shown` on; a list is free from `list_free` on. `winners`: the row of each
        winner group, or -1. `events`: of the sample."""
        first = self._clock.step_at(max(shown, list_free, self.consumed + 1))
        slices = self._times.slices if teach else 1
        beats = self._times.beats(winners, teach=teach, ends=True)
        for number, (place, row) in enumerate(beats, 1):
            step = first + place + self._times.written
            written, end = self._clock.cycle_of(step), number == len(beats)
            read = self._counters.take(written, row, first=number == 1, end=end, learn=learn, events=events)
            self._reads.append(read)
            if len(self._reads) > ROOM:
                self._clock.stop(step, self._reads[0] + STOPPED)
        last = first + slices - 1
        if teach:
            self.spans += self._clock.spans(first, last)
        self.consumed = self._clock.cycle_of(last)
        self.closed = self._clock.cycle_of(last + self._times.fetched)


class StepClock:
    """Counts the cycles in which the search moves; it stands still while the queue of winners is full."""

    def __init__(self) -> None:
        self._lag: deque[tuple[int, int]] = deque([(NEVER, 0)], maxlen=32)  # from this step on, cycles lost so far

    def cycle_of(self, step: int) -> int:
        """The cycle of a step."""
        return step + next(lost for since, lost in reversed(self._lag) if since <= step)

    def spans(self, first: int, last: int) -> list[tuple[int, int]]:
        """The cycles of steps `first` to `last`."""
        spans, after = [], last + 1
        for since, lost in reversed(self._lag):
            begin = max(first, since)
            if begin < after:
                spans.append((begin + lost, after + lost))
                after = begin
            if since <= first:
                break
        return spans

    def step_at(self, cycle: int) -> int:
        """The first step in or after a cycle."""
        stopped = None
        for since, lost in reversed(self._lag):
            if since + lost <= cycle:
                # Where the cycle falls into a stop, the step is the first after it.
                return cycle - lost if stopped is None else min(cycle - lost, stopped)
            stopped = since
        raise AssertionError("no cycle is that early")

    def stopped(self, step: int) -> int:
        """A step fills the queue: the first step that waits."""
        return step + 1 if self.cycle_of(step + 1) >= self.cycle_of(step) + 2 else step + 2

    def stop(self, step: int, until: int) -> None:
        """A step filled the queue: from two cycles later on, no step before cycle `until`."""
        since = self.stopped(step)
        if until - since > self._lag[-1][1]:
            self._lag.append((since, until - since))
