"""When a layer's stages go on from one batch to the next, where batches overlap (rtl_gen/samples/batch_overlap.py).

In all of these times the number is that of a batch.
"""

from __future__ import annotations

from bephw.plan.pipeline import NEVER
from bephw.plan.processes import Clock, Process, Times, Waiting
from bephw.rtl_gen.samples.batch_overlap import PAUSED

__all__ = ["OverlapModel", "PausesModel"]


class PausesModel:
    """The pauses of a layer's updates, one a batch: an operation that is not on offer before one begins waits for its
    end.

    Attributes:
        none_before: no pause that is not known yet begins before this cycle.
    """

    def __init__(self, clock: Clock) -> None:
        self.none_before = NEVER
        self._begins: list[int] = []
        self._ends = Times(clock)

    def begin(self, cycle: int) -> None:
        """Another pause: what is first offered in this cycle or later waits."""
        self._begins.append(cycle)

    def end(self, cycle: int) -> None:
        """It ends: operations are taken from this cycle on."""
        self._ends.set(len(self._begins) - 1, cycle)

    def over(self, offered: int) -> Waiting[int]:
        """When an operation on offer from a cycle on may be taken, if all that pause by then are known."""
        for number in range(max(len(self._begins) - 2, 0), len(self._begins)):
            if self._begins[number] <= offered:
                offered = max(offered, (yield from self._ends.of(number)))
        return offered


class OverlapModel:
    """Where batches overlap, each of so many samples.

    Attributes:
        batch: samples of a batch.
        pauses: of the updates.
        begins: the cycle in which a batch's first sample comes into the trainer.
        started, copied: the first cycle of its first pass, and the last one.
        passed: the last cycle of its last pass.
        backward: when error propagation goes on to it; to be set where there is one.
        live: when updates do.
    """

    def __init__(self, clock: Clock, batch: int, batches: int, *, propagates: bool) -> None:
        self.batch = batch
        self.pauses = PausesModel(clock)
        self._batches, self._propagates = batches, propagates
        self.begins, self.started, self.copied, self.passed = (Times(clock) for _ in range(4))
        self.backward, self.live = Times(clock), Times(clock)

    def forward(self, number: int) -> Waiting[int]:
        """The first cycle in which the layer may pause for a batch's first pass."""
        cycle = max((yield from self.begins.of(number)) + 1, (yield from self.passed.of(number - 1)))
        cycle = max(cycle, (yield from self.live.of(number - 1)))
        if self._propagates:
            cycle = max(cycle, (yield from self.backward.of(number - 1)))
        return cycle + 2

    def propagate(self, released: Times) -> Process:
        """Error propagation goes on when it has `released` all samples before."""
        for number in range(self._batches):
            started = yield from self.started.of(number)
            before = yield from released.of(number * self.batch - 1)
            self.backward.set(number, max(started, before) + 1)

    def go_live(self, ended: Times, settled: Times) -> Process:
        """Updates go on when those of all samples before have `ended`, as the last winner was taken, and `settled`."""
        for number in range(self._batches):
            started, copied = (yield from self.started.of(number)), (yield from self.copied.of(number))
            before = yield from ended.of(number * self.batch - 1)
            cycle = max(max(started, before) + 1 + PAUSED, copied + 1)
            cycle = max(cycle, (yield from settled.of(number * self.batch - 1)))
            if self._propagates:
                cycle = max(cycle, (yield from self.backward.of(number)) + 1)
            self.live.set(number, cycle)
