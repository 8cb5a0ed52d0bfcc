"""Counters whose updates pause while a forward pass copies signs (rtl_gen/weights/hidden_weights.py, `lag`).

When a pause comes is not known in advance, nor is it then what an operation waits for: so winners are taken, and
operations done, as time goes by.
"""

from __future__ import annotations

from collections.abc import Sequence

from bephw.plan.counters import SHOWN, WRITTEN, CountersModel
from bephw.plan.overlap import OverlapModel
from bephw.plan.pipeline import NEVER
from bephw.plan.processes import Clock, Process, Times, Waiting
from bephw.plan.searching import SearchingModel
from bephw.shape import LayerShape

__all__ = ["PausingCountersModel"]

SLOWEST = WRITTEN + 2  # cycles that an operation takes at most, once it is its turn


class PausingCountersModel(CountersModel):
    """Takes winners of all `searches` in sample order, each of which has those of a channel.

    Attributes:
        ended: when each sample's last winner was taken.
        updated, done, settled_after: `inputs_done`, `sample_done` and `settled` of each sample.
    """

    def __init__(
        self,
        clock: Clock,
        shape: LayerShape,
        overlap: OverlapModel,
        searches: Sequence[SearchingModel],
        samples: int,
        *,
        single_port: bool,
    ) -> None:
        super().__init__(shape, single_port=single_port)
        self._chunks = shape.chunks
        self._overlap, self._searches, self._samples = overlap, searches, samples
        self.ended, self.updated, self.done, self.settled_after = (Times(clock) for _ in range(4))
        # Of jobs, in order: when each was taken, and when its turn came.
        self._taken, self._begun = Times(clock), Times(clock)
        self._next_turn = 0
        self._signs = False  # whether the last operation changes some

    @property
    def rested(self) -> int:
        """The cycle from which `resting` is high, if no operation is taken any more."""
        return self._operations.settled(signs=self._signs) - 1

    def take_all(self) -> Process:
        """Take all winners, as soon as they are there and the stages before the counters move."""
        job, taken = 0, NEVER
        seen = [0] * len(self._searches)
        for number in range(self._samples):
            channel = number % len(self._searches)
            search = self._searches[channel]
            batch, place = divmod(number, self._overlap.batch)
            earliest = NEVER if place else (yield from self._overlap.live.of(batch)) + 1
            for _ in search.beats[number]:
                written = yield from search.written.of(seen[channel])
                taken = yield from self._moving(job, max(written + SHOWN, earliest, taken + 1))
                search.read.set(seen[channel], taken)
                self._taken.set(job, taken)
                job, seen[channel] = job + 1, seen[channel] + 1
            self.ended.set(number, taken)

    def _moving(self, job: int, cycle: int) -> Waiting[int]:
        """The first cycle from `cycle` on in which a job can be taken."""
        while True:
            yield cycle
            if self._next_turn < job:
                taken = self._taken.known(self._next_turn)
                assert taken is not None, "jobs are taken in order"
                if self._places.after(taken, self._placing) <= cycle:
                    # It is at the end of the stages, for who knows how long.
                    cycle = yield from self._begun.of(self._next_turn)
                    continue
            if (moving := self._places.moving(cycle)) == cycle:
                return cycle
            cycle = moving

    def work(self, events: Sequence[Sequence[int]], *, learn: bool) -> Process:
        """Do all jobs; `events` of each sample are in these words."""
        job = 0
        for number in range(self._samples):
            rows = self._searches[number % len(self._searches)].beats[number]
            for place, row in enumerate(rows):
                begun = yield from self._turn(job)
                job += 1
                if place == 0 and (row >= 0 or learn):
                    self._draw(begun, events[number])
                walked = (yield from self._walk_row(begun, row)) if row >= 0 else begun
                finished, end = walked, place == len(rows) - 1
                if end and self._events:
                    finished = max(walked, self._first_event - 1)
                    for word in self._events:
                        finished = yield from self._operate(finished + 1, word, signs=False)
                elif end and (row < 0 or walked < self._known):
                    finished = yield from self._operate(max(walked + 1, self._known), NEVER, signs=False)
                self._finish(begun, walked, finished, end=end)
            self.updated.set(number, self.inputs_done)
            self.done.set(number, self.sample_done)
            self.settled_after.set(number, self.settled)

    def _turn(self, job: int) -> Waiting[int]:
        """When a job's turn comes."""
        placed = self._places.after((yield from self._taken.of(job)), self._placing)
        begun = max(placed, self._finished)
        self._places.hold(placed, begun)
        self._next_turn = job + 1
        self._begun.set(job, begun)
        return begun

    def _walk_row(self, begun: int, row: int) -> Waiting[int]:
        """A row's operations; the cycle in which the last is taken."""
        first, taken = row * self._row_chunks, begun
        allowed = yield from self._overlap.pauses.over(begun + 1)
        if allowed == begun + 1 and allowed + SLOWEST * (self._row_chunks + 1) < self._overlap.pauses.none_before:
            self._signs = True
            return self._walk(begun, row)
        for chunk in range(self._row_chunks):
            signs = chunk % self._chunks == self._chunks - 1
            taken = yield from self._operate(taken + 1, first + chunk, signs=signs)
        return taken

    def _operate(self, offered: int, word: int, *, signs: bool) -> Waiting[int]:
        """An operation that is on offer from a cycle on; the cycle in which it is taken."""
        pauses = self._overlap.pauses
        while True:
            if offered >= pauses.none_before:
                yield offered - 1  # Who pauses by then has said so.
            allowed = yield from pauses.over(offered)
            if allowed == offered:
                break
            offered = allowed
        self._signs = signs
        return self._operations.take(offered, word)
