"""When samples that come by several channels are there, and when there is room (rtl_gen/samples/input_queue.py)."""

from __future__ import annotations

from collections.abc import Sequence

from bephw.plan.passes import GIVEN_BACK, GearboxModel
from bephw.plan.processes import Clock, Times, Waiting
from bephw.rtl_gen.samples.input_bank import AHEAD
from bephw.rtl_gen.samples.input_queue import banks
from bephw.shape import LayerShape

__all__ = ["InputsModel"]


class InputsModel:
    """The input queue of a layer or classifier, whose samples come in `beats` by `sources` channels in turn.

    Attributes:
        there: the first cycle in which each sample may pass.
        passed: the last cycle of its pass; to be set from outside.
    """

    def __init__(self, clock: Clock, shape: LayerShape, beats: Sequence[range], sources: int) -> None:
        self._gearboxes = [GearboxModel(beats, shape.columns) for _ in range(sources)]
        self.there, self.passed = Times(clock), Times(clock)
        # Every bank has its own limits; banks take samples in turn.
        self._limits = [(self.passed, AHEAD * banks(shape, sources))]

    def limit(self, given_up: Times, most: int) -> None:
        """No more samples than `most`, all banks' together, come in before they are `given_up`."""
        self._limits.append((given_up, most))

    def room(self, number: int) -> Waiting[int]:
        """First cycle in which a sample, the next of its channel, may start towards here."""
        room = self._gearbox(number).room
        for given_up, most in self._limits:
            room = max(room, (yield from given_up.of(number - most)) + GIVEN_BACK)
        return room

    def arrive(self, number: int, last: int) -> None:
        """The last beat of a sample, the next of its channel, comes in cycle `last`."""
        self.there.set(number, self._gearbox(number).arrive(last) + 1)

    def _gearbox(self, number: int) -> GearboxModel:
        return self._gearboxes[number % len(self._gearboxes)]
