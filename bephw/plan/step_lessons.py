"""When a channel of a cell takes its lessons, step by step (rtl_gen/recurrent/step_lessons.py, lesson_turns.py)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from bephw.plan.pipeline import NEVER
from bephw.plan.processes import Clock, Process, Sooner, Times, Waiting
from bephw.plan.search import SearchTimes
from bephw.plan.sending import LessonsModel

__all__ = ["StepLessonsModel"]


class _Lesson(NamedTuple):
    """For a step of a sample; from which cycle on it is shown."""

    number: int
    step: int
    shown: int


class StepLessonsModel:
    """The lessons of the samples `numbers`, each of as many steps as it has `winners`, whose rows or -1 these are; up
    to `together` samples wait for lessons of the cell's own. Winners never wait (rtl_gen/backward/winner_records.py).

    Lists of open rows are counted, and so are the lessons of the cell's own that are made of them.

    Attributes:
        own: the buffer of the cell's own lessons.
        listed: of each list, the sample and the step.
        closed: the cycle in which each list was complete.
        released: in which it was given up; to be set from outside.
        ended: in which each sample's last lesson was given up.
        beats: of each sample, when its winners are written, with their rows, or -1.
        spans: in which the search was busy so far.
    """

    def __init__(
        self,
        clock: Clock,
        times: SearchTimes,
        numbers: Sequence[int],
        winners: Sequence[Sequence[Sequence[int]]],
        taught: Sequence[bool],
        together: int,
    ) -> None:
        self._clock, self._times, self._numbers = clock, times, numbers
        self._winners, self._taught, self._together = winners, taught, together
        self.lists = sum(len(winners[number]) - 1 for number in numbers if taught[number])
        self.listed: list[tuple[int, int]] = []
        self.closed, self.released, self.ended = Times(clock), Times(clock), Times(clock)
        self._own_consumed = Times(clock)
        self.own = LessonsModel(clock, 1, self.lists, self._own_consumed)
        self._own_taken = 0
        self.beats: dict[int, list[tuple[int, int]]] = {number: [] for number in numbers}
        self.spans: list[tuple[int, int]] = []

    def follow(self, above: LessonsModel, consumed: Times) -> Process:
        """Take all lessons, those from `above` each when it is shown; they are given up in the cycles `consumed`."""
        coming, free = deque(self._numbers), NEVER
        while coming or self._own_taken < len(self.listed):
            lesson, first = yield from self._choose(above, coming, free)
            free = self._search(lesson, first) + 1
            if coming and lesson.number == coming[0]:
                coming.popleft()
                consumed.set(lesson.number, free - 1)
            else:
                self._own_consumed.set(self._own_taken, free - 1)
                self._own_taken += 1

    def _choose(self, above: LessonsModel, coming: Sequence[int], free: int) -> Waiting[tuple[_Lesson, int]]:
        """The next lesson, and the first cycle of its search, which is `free` from a cycle on."""
        while True:
            lesson = self._next(above, coming, free)
            first = None if lesson is None else self._starts(lesson, free)
            if lesson is not None and first is not None and first <= self._clock.now:
                return lesson, first
            yield Sooner(first, (above.shown, self.own.shown, self.released))

    def _next(self, above: LessonsModel, coming: Sequence[int], free: int) -> _Lesson | None:
        """The next lesson as far as is known: the cell's own, but where one from above may be taken before it is
        shown."""
        own = from_above = None
        waiting = len(self.listed) - self._own_taken
        if waiting and (shown := self.own.shown.known(self._own_taken)) is not None:
            number, step = self.listed[self._own_taken]
            own = _Lesson(number, step - 1, shown)
        if coming and waiting < self._together and (shown := above.shown.known(coming[0])) is not None:
            from_above = _Lesson(coming[0], len(self._winners[coming[0]]) - 1, shown)
        if own is None or from_above is None:
            return own or from_above
        starts = self._starts(from_above, free)
        return own if starts is None or own.shown <= starts else from_above

    def _follows(self, lesson: _Lesson) -> bool:
        """Whether another one of its sample follows: then this one needs a list of open rows."""
        return self._taught[lesson.number] and lesson.step > 0

    def _starts(self, lesson: _Lesson, free: int) -> int | None:
        """The first cycle of its search, if it is known."""
        earliest = max(lesson.shown, free)
        if not self._follows(lesson):
            return earliest
        # There are two lists.
        released = self.released.known(len(self.listed) - 2)
        return None if released is None else max(earliest, released + 1)

    def _search(self, lesson: _Lesson, first: int) -> int:
        """Its winners, and its list; the cycle in which it is given up."""
        number, teach, follows = lesson.number, self._taught[lesson.number], self._follows(lesson)
        last = first + (self._times.slices if teach else 1) - 1
        if teach:
            self.spans.append((first, last + 1))
        beats = self._times.beats(self._winners[number][lesson.step], teach=teach, ends=not follows)
        self.beats[number] += [(first + place + self._times.written, row) for place, row in beats]
        if follows:
            self.closed.set(len(self.listed), last + self._times.fetched)
            self.listed.append((number, lesson.step))
        else:
            self.ended.set(number, last)
        return last
