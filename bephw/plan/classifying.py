"""When a classifier decides, and sends lessons (rtl_gen/classifier/unit.py, teacher.py), where it is one part of many
that go on by themselves."""

from __future__ import annotations

from collections.abc import Sequence

from bephw.plan.inputs import InputsModel
from bephw.plan.lessons import SENT
from bephw.plan.passes import GIVEN_BACK, PassTimes
from bephw.plan.pipeline import NEVER
from bephw.plan.processes import Clock, Process, Times
from bephw.plan.sending import LessonsModel, SenderModel
from bephw.rtl_gen.classifier.teacher import OUTSTANDING
from bephw.rtl_gen.classifier.unit import decided, decisions
from bephw.shape import LayerShape

__all__ = ["ClassifierModel"]


class ClassifierModel:
    """A classifier, whose activations come in `beats` by `sources` channels; predictions of so many may be `waiting`.

    Attributes:
        inputs: where they come in.
        known: the first cycle in which each sample's decision waits.
        teaching: busy cycles of the lessons so far.
    """

    def __init__(
        self,
        clock: Clock,
        shape: LayerShape,
        beats: Sequence[range],
        sources: int,
        taught: Sequence[bool],
        waiting: int,
    ) -> None:
        self.shape, self.times = shape, PassTimes(shape)
        self.inputs = InputsModel(clock, shape, beats, sources)
        self.known, self._decided = Times(clock), Times(clock)
        self.teaching = 0
        self._taught, self._waiting, self._places = taught, waiting, decisions(shape)

    def decide(self, predicted: Times) -> Process:
        """Decide about all samples, whose predictions are taken when they are `predicted`."""
        free = NEVER
        for number in range(len(self._taught)):
            given_back = yield from self._decided.of(number - self._places)
            taken = yield from predicted.of(number - self._waiting)
            there = yield from self.inputs.there.of(number)
            start = max(there, free, given_back + GIVEN_BACK, taken + GIVEN_BACK)
            free = start + self.times.interval
            self.inputs.passed.set(number, self.times.ends(start))
            self.known.set(number, self.times.ends(start) + decided(self.shape))

    def teach(self, clock: Clock, lessons: LessonsModel) -> Process:
        """Send all samples' lessons."""
        beats = [self.shape.words if teach else 1 for teach in self._taught]
        sender = SenderModel(clock, lessons, range(len(beats)), beats, OUTSTANDING)
        read = NEVER
        for number, words in enumerate(beats):
            known = yield from self.known.of(number)
            for _ in range(words):
                read = max(known, read + 1, (yield from sender.left()) + 1)
                sender.offer(read + SENT)
            self._decided.set(number, read)
            self.teaching += words
