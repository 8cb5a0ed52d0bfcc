"""Processes that go on as far as is known, and decide when all that happens until then is known.

Where samples pass together, who goes with whom depends on who is there by then. So what a part does is a process, a
generator. It waits for what others will tell it of a sample (`Times.of`), which may be of any cycle to come; or, before
it decides who passes together, until a cycle (`yield cycle`) before which nothing is left to be decided. That suffices:
what a decision brings about elsewhere comes a cycle later or more. Who may have to decide earlier than seems now waits
for either (`Sooner`).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TypeAlias, TypeVar

from bephw.plan.pipeline import NEVER

__all__ = ["Clock", "Process", "Sooner", "Times", "Waiting"]

Result = TypeVar("Result")
# Yields what it waits for: a cycle, or times of which one more is to be known, or either.
Waiting: TypeAlias = Generator["int | Times | Sooner", None, Result]
Process: TypeAlias = Waiting[None]
# A process, and how often it had gone on when it began to wait.
Waiter: TypeAlias = tuple[Process, int]


class Clock:
    """Runs processes, those that wait for a cycle in the order of the cycles.

    Attributes:
        now: the cycle that the last of these waited for.
    """

    def __init__(self) -> None:
        self.now = NEVER
        self._ready: list[Waiter] = []
        self._asleep: list[tuple[int, int, Waiter]] = []
        self._gone_on: dict[Process, int] = {}  # how often each has
        self._slept = 0

    def start(self, process: Process) -> None:
        """Run a process, too."""
        self._gone_on[process] = 0
        self._ready.append((process, 0))

    def wake(self, waiters: list[Waiter]) -> None:
        """What these wait for may be known."""
        self._ready += waiters

    def run(self) -> None:
        """Until all processes have ended."""
        while self._ready or self._asleep:
            while self._ready:
                self._go_on(*self._ready.pop())
            if self._asleep:
                self.now, _, waiter = heappop(self._asleep)
                self._go_on(*waiter)
        assert not self._gone_on, "nobody waits for what never happens"

    def _go_on(self, process: Process, gone_on: int) -> None:
        if self._gone_on.get(process) != gone_on:
            return  # it did not wait any more
        waiter = process, gone_on + 1
        self._gone_on[process] = gone_on + 1
        wanted = next(process, None)
        if wanted is None:
            del self._gone_on[process]
        elif isinstance(wanted, Times):
            wanted.waiting.append(waiter)
        elif isinstance(wanted, Sooner):
            for times in wanted.times:
                times.waiting.append(waiter)
            if wanted.cycle is not None:
                self._sleep(wanted.cycle, waiter)
        else:
            self._sleep(wanted, waiter)

    def _sleep(self, cycle: int, waiter: Waiter) -> None:
        assert cycle >= self.now, "what is past has been decided"
        self._slept += 1
        heappush(self._asleep, (cycle, self._slept, waiter))


class Times:
    """The cycles in which something happens to each sample, or to whatever else has a number, as far as they are known.

    Before number 0 there is NEVER. `waiting`: processes to be woken when more is known.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cycles: dict[int, int] = {}
        self.waiting: list[Waiter] = []

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


@dataclass(frozen=True)
class Sooner:
    """What to wait for: a cycle, if there is one, or that more of any of these times is known."""

    cycle: int | None
    times: Sequence[Times]
