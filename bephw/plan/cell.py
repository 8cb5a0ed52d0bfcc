"""When a recurrent cell is done with each sample (rtl_gen/recurrent/cell.py): its parts go on by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from bephw.plan.activity import Activity
from bephw.plan.counters import CountersModel
from bephw.plan.gathering import always, meet
from bephw.plan.inputs import InputsModel
from bephw.plan.passes import GIVEN_BACK, GearboxModel, PassTimes, StreamModel
from bephw.plan.pipeline import NEVER
from bephw.plan.processes import Clock, Process, Times, Waiting
from bephw.plan.search import SearchTimes
from bephw.plan.sending import LessonsModel
from bephw.plan.spans import covered
from bephw.plan.step_crediting import DenseStepCreditModel, ListStepCreditModel
from bephw.plan.step_lessons import StepLessonsModel
from bephw.plan.turns import TurnsModel
from bephw.rtl_gen.recurrent.lesson_turns import lessons_together
from bephw.settings import Settings

__all__ = ["CellModel"]


class CellModel:
    """All parts of a cell. Samples of as many steps as those of `activity` come in `beats` a step.

    Attributes:
        lessons: where those from above come in.
        learning: what is done with all lessons.
        credit: its error propagation.
        passes: of steps of one sample or of several, so far.
    """

    overlap = None

    def __init__(self, clock: Clock, settings: Settings, activity: Activity, beats: Sequence[range]) -> None:
        self.shape = shape = settings.shapes[0]
        self._clock = clock
        self._stream, self._slots = StreamModel(len(beats)), settings.hardware.slots
        self._samples, self._steps = activity.winners[0].shape[:2]
        self._gearbox = GearboxModel(beats, shape.columns)
        self.times = PassTimes(shape, settings.hardware.wire_registers)
        self._turns = [TurnsModel(shape, settings.hardware.wire_registers) for _ in range(shape.samples)]
        # When a sample has come in, when there is room for it behind the cell, and when its outputs go there.
        self._admitted, self._rooms, self._sent = Times(clock), Times(clock), Times(clock)
        self.passes = 0
        self.learning = _Learning(clock, settings, activity)
        self.lessons = LessonsModel(clock, shape.samples, activity.samples, self.learning.consumed)
        self.credit: DenseStepCreditModel | ListStepCreditModel = (
            ListStepCreditModel(clock, shape, self.learning.channels[0], activity.longest_lists(0, shape.rows).tolist())
            if shape.samples == 1
            else DenseStepCreditModel(clock, shape, self.learning.channels)
        )

    def admit(self, number: int, free: int) -> Waiting[int]:
        """The next sample comes in, from cycle `free` on; the cycle of its last word."""
        room = (yield from self.learning.updated.of(number - self._slots)) + GIVEN_BACK
        inputs = []
        for _ in range(self._steps):
            last = self._stream.admit(free, max(room, self._gearbox.room))
            inputs.append(self._gearbox.arrive(last) + 1)
            free = last + 1
        self._turns[number % self.shape.samples].admit(inputs)
        self._admitted.set(number, free - 1)
        return free - 1

    def start(self, clock: Clock, takers: Sequence[InputsModel], *, learn: bool) -> None:
        """Take all samples, which go on to all of `takers`, and their lessons."""
        for channel in range(self.shape.samples):
            clock.start(self._ask(range(channel, self._samples, self.shape.samples), takers))
        clock.start(self._pass_up(takers))
        clock.start(self.credit.follow())
        self.learning.start(clock, self.lessons, learn=learn)

    def _ask(self, numbers: range, takers: Sequence[InputsModel]) -> Process:
        """When there is room for the samples of a channel."""
        for number in numbers:
            yield from self._sent.of(number - self.shape.samples)
            room = NEVER
            for taker in takers:
                room = max(room, (yield from taker.room(number)))
            self._rooms.set(number, room)

    def _pass_up(self, takers: Sequence[InputsModel]) -> Process:
        """The forward passes of all steps."""
        count, free = self.shape.samples, NEVER
        following = list(range(count))  # the sample of each channel that ends next

        def there() -> list[int | None]:
            return [
                turns.available(self._rooms.known(number)) for turns, number in zip(self._turns, following, strict=True)
            ]

        left = self._samples * self._steps
        while left:
            start, group = yield from meet(self._clock, free, there, always, (self._admitted, self._rooms))
            for channel in group:
                drained = self._turns[channel].take(self.times.ends(start))
                if drained is not None:
                    for taker in takers:
                        taker.arrive(following[channel], drained)
                    self._sent.set(following[channel], drained)
                    following[channel] += count
            self.passes += 1
            left -= len(group)
            free = start + self.times.interval


class _Learning:
    """Lessons of all channels, and the updates that they share, sample by sample.

    Attributes:
        channels: whose lessons they are.
        consumed: the cycle in which each lesson from above was given up.
        updated: in which each sample's inputs were.
        done: in which its updates were done.
        counters: that they change.
    """

    def __init__(self, clock: Clock, settings: Settings, activity: Activity) -> None:
        shape, gamma = settings.shapes[0], settings.gamma[0]
        self.consumed, self.updated, self.done = (Times(clock) for _ in range(3))
        self.counters = CountersModel(shape, single_port=settings.single_ports[0])
        times, together = SearchTimes(shape, gamma), lessons_together(shape, gamma)
        winners, taught = activity.winners[0].tolist(), activity.teaching(0).tolist()
        self._samples = activity.samples
        self._events = activity.event_words(shape)
        self.channels = [
            StepLessonsModel(clock, times, range(channel, self._samples, shape.samples), winners, taught, together)
            for channel in range(shape.samples)
        ]

    @property
    def searching(self) -> int:
        """Cycles in which any search was busy."""
        return covered(chain(*(channel.spans for channel in self.channels)))

    def start(self, clock: Clock, lessons: LessonsModel, *, learn: bool) -> None:
        """Take all lessons."""
        for channel in self.channels:
            clock.start(channel.follow(lessons, self.consumed))
        clock.start(self._update(learn))

    def _update(self, learn: bool) -> Process:
        """The counters take the winners of all samples."""
        for number in range(self._samples):
            channel = self.channels[number % len(self.channels)]
            yield from channel.ended.of(number)
            beats = channel.beats.pop(number)
            for index, (written, row) in enumerate(beats):
                self.counters.take(
                    written,
                    row,
                    first=index == 0,
                    end=index == len(beats) - 1,
                    learn=learn,
                    events=self._events[number],
                )
            self.updated.set(number, self.counters.inputs_done)
            self.done.set(number, self.counters.sample_done)
