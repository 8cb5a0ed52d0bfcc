"""A winner search whose winners are taken at times that are not known in advance (rtl_gen/backward/winner.py).

Three processes share the search's clock: what a full queue delays is only the steps behind the one that filled it, so
the next lesson may be taken, and given up, before it is known when a winner of this one leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bephw.plan.pipeline import NEVER
from bephw.plan.processes import Clock, Process, Times, Waiting
from bephw.plan.search import ROOM, STOPPED, SearchTimes, StepClock
from bephw.plan.sending import LessonsModel

__all__ = ["SearchingModel"]


class SearchingModel:
    """Searches for the samples `numbers`, whose winner groups update the rows `winners`, or none: -1.

    Attributes:
        beats: of each of these samples, the rows of its winners, or -1 where it ends without.
        written, read: when each beat is written to the queue, and taken from it; the latter is to be set from outside.
        spans: in which it was busy so far, a cycle early (see `covered`).
    """

    def __init__(
        self,
        clock: Clock,
        times: SearchTimes,
        numbers: range,
        winners: Sequence[Sequence[int]],
        taught: Sequence[bool],
    ) -> None:
        self._times, self._numbers, self._taught = times, numbers, taught
        self._clock = StepClock()
        found = {number: times.beats(winners[number], teach=taught[number], ends=True) for number in numbers}
        self._places = {number: [place for place, _ in beats] for number, beats in found.items()}
        self.beats = {number: [row for _, row in beats] for number, beats in found.items()}
        self.written, self.read = Times(clock), Times(clock)
        self.spans: list[tuple[int, int]] = []
        # Of each beat: the step that writes it, the first step that waits for it if it fills the queue, and whether it
        # is known how long.
        self._steps: list[int] = []
        self._pushed, self._stops, self._stopped = Times(clock), Times(clock), Times(clock)
        self._settled = 0
        self._fetched = Times(clock)  # of each sample, the step that ends its list

    def search(self, lessons: LessonsModel, list_free: Callable[[int], Waiting[int]], consumed: Times) -> Process:
        """Take all lessons, each when it is shown and there is a free list, and give them up, in cycles `consumed`."""
        given_up = NEVER
        for number in self._numbers:
            shown = yield from lessons.shown.of(number)
            free = yield from list_free(number)
            first = yield from self._step_at(max(shown, free, given_up + 1))
            slices = self._times.slices if self._taught[number] else 1
            for place in self._places[number]:
                self._pushed.set(len(self._steps), first + place + self._times.written)
                self._steps.append(first + place + self._times.written)
            last = first + slices - 1
            yield from self._settle(last)
            given_up = self._clock.cycle_of(last)
            consumed.set(number, given_up)
            if self._taught[number]:
                self.spans += self._clock.spans(first, last)
            self._fetched.set(number, last + self._times.fetched)

    def close(self, closed: Times) -> Process:
        """Close the lists of all lessons: behind the search, so what stops it may come between."""
        for number in self._numbers:
            step = yield from self._fetched.of(number)
            yield from self._settle(step)
            closed.set(number, self._clock.cycle_of(step))

    def write(self) -> Process:
        """Write all beats to the queue, and stand still while it is full."""
        for beat in range(sum(map(len, self.beats.values()))):
            step = yield from self._pushed.of(beat)
            self.written.set(beat, self._clock.cycle_of(step))
            self._stops.set(beat, self._clock.stopped(step))
            if beat >= ROOM:
                read = yield from self.read.of(beat - ROOM)
                self._clock.stop(step, read + STOPPED)
            self._stopped.set(beat, step)

    def _step_at(self, cycle: int) -> Waiting[int]:
        """The first step in or after a cycle."""
        for beat in range(self._settled, len(self._steps)):
            if self._steps[beat] >= self._clock.step_at(cycle):
                break
            waits = yield from self._stops.of(beat)
            if self._clock.cycle_of(waits - 1) >= cycle:
                break
            yield from self._stopped.of(beat)
            self._settled = max(self._settled, beat + 1)
        return self._clock.step_at(cycle)

    def _settle(self, step: int) -> Waiting[None]:
        """Wait until all is known that may delay a step."""
        for beat in range(self._settled, len(self._steps)):
            if self._steps[beat] >= step or (yield from self._stops.of(beat)) > step:
                return
            yield from self._stopped.of(beat)
            self._settled = max(self._settled, beat + 1)
