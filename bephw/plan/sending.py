"""Lessons on their way from the channels of their sender to those of the layer that learns (rtl_gen/samples/spread.py,
rtl_gen/backward/lesson_buffer.py, lesson_register.py)."""

from __future__ import annotations

from collections.abc import Sequence

from bephw.plan.processes import Clock, Process, Times, Waiting

__all__ = ["LessonsModel", "SenderModel"]


class LessonsModel:
    """Where the lessons of a layer of `channels` come in: its lesson buffers, or with `registers` its lesson registers.

    Attributes:
        complete: the cycle in which each sample's last beat was taken.
        shown: the first cycle in which its lesson is shown.
    """

    def __init__(self, clock: Clock, channels: int, samples: int, consumed: Times, *, registers: bool = False) -> None:
        self.complete, self.shown = Times(clock), Times(clock)
        self._channels, self._consumed, self._registers = channels, consumed, registers
        for channel in range(channels):
            clock.start(self._show(range(channel, samples, channels)))

    def free(self, number: int) -> Waiting[int]:
        """First cycle in which a sample's first beat may be taken."""
        before = number - self._channels
        if self._registers:
            return (yield from self._consumed.of(before)) + 1
        return (yield from self.shown.of(before))

    def _show(self, numbers: range) -> Process:
        for number in numbers:
            complete = yield from self.complete.of(number)
            if self._registers:
                self.shown.set(number, complete + 1)
                continue
            before = yield from self._consumed.of(number - self._channels)
            self.shown.set(number, max(complete, before) + 2)


class SenderModel:
    """A channel that sends the lessons of samples `numbers`, each of so many of `beats`: at most `places` that have
    been begun and not yet been taken."""

    def __init__(self, clock: Clock, lessons: LessonsModel, numbers: range, beats: Sequence[int], places: int) -> None:
        self._offered, self._taken = Times(clock), Times(clock)
        self._places = places
        self._begun = 0
        clock.start(self._send(lessons, numbers, beats))

    def left(self) -> Waiting[int]:
        """The cycle in which the beat was taken that leaves its place to the next one."""
        return self._taken.of(self._begun - self._places)

    def offer(self, cycle: int) -> None:
        """The next beat may be taken from a cycle on."""
        self._offered.set(self._begun, cycle)
        self._begun += 1

    def _send(self, lessons: LessonsModel, numbers: range, beats: Sequence[int]) -> Process:
        beat = 0
        for number in numbers:
            taken = (yield from lessons.free(number)) - 1
            for _ in range(beats[number]):
                before = yield from self._taken.of(beat - 1)
                taken = max(taken + 1, before + 1, (yield from self._offered.of(beat)))
                self._taken.set(beat, taken)
                beat += 1
            lessons.complete.set(number, taken)
