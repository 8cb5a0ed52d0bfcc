"""When the error propagation of a cell takes steps (rtl_gen/backward/credit.py, dense_credit.py): each makes the lesson
for the step before, which goes to the channel that it came from."""

from __future__ import annotations

from collections.abc import Sequence

from bephw.plan.gathering import meet
from bephw.plan.passes import GIVEN_BACK
from bephw.plan.pipeline import NEVER
from bephw.plan.processes import Clock, Process, Waiting
from bephw.plan.sending import SenderModel
from bephw.plan.step_lessons import StepLessonsModel
from bephw.rtl_gen.backward.credit import BEYOND, OUTSTANDING, CreditUnit
from bephw.rtl_gen.backward.dense_credit import AFTER, GATHERED, DenseCredit
from bephw.rtl_gen.backward.two_sets import SHOWN
from bephw.shape import LayerShape

__all__ = ["DenseStepCreditModel", "ListStepCreditModel"]


def _sender(clock: Clock, shape: LayerShape, channel: StepLessonsModel, places: int) -> SenderModel:
    """Sends a channel the lessons of its own."""
    beats = [len(shape.passed_on_words)] * channel.lists
    return SenderModel(clock, channel.own, range(channel.lists), beats, places)


class ListStepCreditModel:
    """Takes the lists of open rows of one channel, of which the `longest` counts, by sample and step.

    Attributes:
        passing: busy cycles so far.
    """

    def __init__(
        self, clock: Clock, shape: LayerShape, channel: StepLessonsModel, longest: Sequence[Sequence[int]]
    ) -> None:
        self._channel, self._longest = channel, longest
        self._sender = _sender(clock, shape, channel, OUTSTANDING)
        self._words = len(shape.passed_on_words)
        self._latency = CreditUnit.latency(shape) + 1
        self.passing = 0

    def follow(self) -> Process:
        """Take all lists."""
        channel = self._channel
        for index in range(channel.lists):
            before = yield from channel.released.of(index - 1)
            begun = max((yield from channel.closed.of(index)) + SHOWN, before + 1)
            number, step = channel.listed[index]
            longest = self._longest[number][step]
            steps = longest + BEYOND + 1
            for _ in range(self._words):
                begun = max(begun, (yield from self._sender.left()) + GIVEN_BACK)
                self._sender.offer(begun + steps - 1 + self._latency)
                begun += steps
                self.passing += steps
                steps = max(longest, 1)
            channel.released.set(index, begun)


class DenseStepCreditModel:
    """Takes steps of several channels together, over all rows.

    Attributes:
        passing: busy cycles so far.
    """

    def __init__(self, clock: Clock, shape: LayerShape, channels: Sequence[StepLessonsModel]) -> None:
        self._clock, self._shape, self._channels = clock, shape, channels
        self._senders = [
            _sender(clock, shape, channel, DenseCredit.outstanding(shape, shape.samples)) for channel in channels
        ]
        self._passed = [0] * len(channels)  # lists of each
        self._latency = DenseCredit.latency(shape) + 1
        self.passing = 0

    def follow(self) -> Process:
        """Take all lists."""
        free, closed = NEVER, [channel.closed for channel in self._channels]
        lists = sum(channel.lists for channel in self._channels)
        while sum(self._passed) < lists:
            begun, group = yield from meet(self._clock, free, self._there, self._room, closed)
            free = (yield from self._pass(begun, group)) + AFTER

    def _there(self) -> list[int | None]:
        """When each channel's next list may be taken, as far as is known."""
        found: list[int | None] = []
        for channel, index in zip(self._channels, self._passed, strict=True):
            cycle, before = channel.closed.known(index), channel.released.known(index - 1)
            found.append(None if cycle is None or before is None else max(cycle + SHOWN, before + 1) + GATHERED)
        return found

    def _room(self, channel: int) -> Waiting[int]:
        return (yield from self._senders[channel].left()) + GIVEN_BACK

    def _pass(self, begun: int, group: Sequence[int]) -> Waiting[int]:
        """A pass; the cycle in which its lists are given up."""
        for _ in self._shape.passed_on_words:
            for channel in group:
                begun = max(begun, (yield from self._room(channel)))
            for channel in group:
                self._senders[channel].offer(begun + self._shape.groups - 1 + self._latency)
            begun += self._shape.groups
            self.passing += self._shape.groups
        released = begun - 1 + DenseCredit.released(self._shape, teach=True)
        for channel in group:
            self._channels[channel].released.set(self._passed[channel], released)
            self._passed[channel] += 1
        return released
