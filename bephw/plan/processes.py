"""Processes that go on as far as is known, and decide when all that happens until then is known.

Where samples pass together, who goes with whom depends on who is there by then. So what a part does is a process, a
generator. It waits for what others will tell it of a sample (`Times.of`), which may be of any cycle to come; or, before
it decides who passes together, until a cycle (`yield cycle`) before which nothing is left to be decided. That suffices:
what a decision brings about elsewhere comes a cycle later or more.
"""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappop, heappush
from typing import TypeAlias, TypeVar

from bephw.plan.pipeline import NEVER

__all__ = ["Clock", "Process", "Times", "Waiting"]

Result = TypeVar("Result")
# Yields what it waits for: a cycle, or times of which one more is to be known.
Waiting: TypeAlias = Generator["int | Times", None, Result]
Process: TypeAlias = Waiting[None]


class Clock:
    """Runs processes, those that wait for a cycle in the order of the cycles."""

    def __init__(self) -> None:
        self._now = NEVER
        self._ready: list[Process] = []
        self._asleep: list[tuple[int, int, Process]] = []
        self._started = self._ended = self._slept = 0

    def start(self, process: Process) -> None:
        """Run a process, too."""
        self._started += 1
        self._ready.append(process)

    def wake(self, processes: list[Process]) -> None:
        """What these wait for may be known."""
        self._ready += processes

    def run(self) -> None:
        """Until all processes have ended."""
        while self._ready or self._asleep:
            while self._ready:
                self._go_on(self._ready.pop())
            if self._asleep:
                self._now, _, process = heappop(self._asleep)
                self._go_on(process)
        assert self._ended == self._started, "nobody waits for what never happens"

    def _go_on(self, process: Process) -> None:
        wanted = next(process, None)
        if wanted is None:
            self._ended += 1
        elif isinstance(wanted, Times):
            wanted.waiting.append(process)
        else:
            assert wanted >= self._now, "what is past has been decided"
            self._slept += 1
            heappush(self._asleep, (wanted, self._slept, process))


class Times:
    """The cycles in which something happens to each sample, or to whatever else has a number, as far as they are known.

    Before number 0 there is NEVER. `waiting`: processes to be woken when more is known.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cycles: dict[int, int] = {}
        self.waiting: list[Process] = []

    def set(self, number: int, cycle: int) -> None:
        """It happens to this one in a cycle."""
        self._cycles[number] = cycle
        if self.waiting:
            self._clock.wake(self.waiting)
            self.waiting = []

    def known(self, number: int) -> int | None:
        """When it happens, if that is known."""
        return NEVER if number < 0 else self._cycles.get(number)

    def of(self, number: int) -> Waiting[int]:
        """Wait until it is known when it happens."""
        while (cycle := self.known(number)) is None:
            yield self
        return cycle
