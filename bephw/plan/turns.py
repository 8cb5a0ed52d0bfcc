"""When the steps of samples go through a cell's array (rtl_gen/recurrent/turns.py)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from bephw.plan.passes import ACTIVATED, GearboxModel
from bephw.rtl_gen.forward.unit import ForwardUnit
from bephw.rtl_gen.recurrent.step_channel import samples_together, state_beats
from bephw.shape import LayerShape

__all__ = ["TurnsModel"]


@dataclass
class _Sample:
    """One that takes turns: from which cycle on the inputs of each step may be read, the next step, and from which
    cycle on the state before that may be."""

    inputs: Sequence[int]
    step: int = 0
    ready: int = 0

    @property
    def last(self) -> bool:
        return self.step == len(self.inputs) - 1


class TurnsModel:
    """Samples take turns in the array, step by step; all that come in by a cycle must be known (`admit`) before it is
    asked who was in the array by then."""

    def __init__(self, shape: LayerShape, wires: int) -> None:
        self._interval = shape.forward_cycles
        self._activated = ForwardUnit.drained(shape, wires=wires) + ACTIVATED
        self._state = GearboxModel(state_beats(shape), shape.columns)
        self._waiting: deque[Sequence[int]] = deque()
        self._places: list[_Sample | None] = [None] * samples_together(shape, wires)
        self._turn = self._next_place = self._now = 0

    def admit(self, inputs: Sequence[int]) -> None:
        """Another sample: for each of its steps, the cycle from which its inputs may be read."""
        self._waiting.append(inputs)

    def finish(self, room: int, until: int) -> int | None:
        """The next sample's last step, for which there is room from a cycle on, and all steps of others before it; the
        cycle of its last outputs. None if its turn does not come before cycle `until`: then it may be asked again."""
        while self._now < until:
            sample = self._places[self._turn]
            if sample is None:
                sample = self._begin()
            elif sample.inputs[sample.step] > self._now:
                sample = None
            if sample is None:
                self._pass()
                continue
            start = max(self._now, sample.ready, room if sample.last else 0)
            done = start + self._interval - 1
            self._now = done + 1
            place, self._turn = self._turn, (self._turn + 1) % len(self._places)
            if sample.last:
                self._places[place] = None
                return done + self._activated
            sample.step += 1
            sample.ready = self._state.arrive(done + self._activated) + 1
        return None

    def _begin(self) -> _Sample | None:
        """The next sample, if it is its turn and its first step's inputs are there."""
        if self._turn != self._next_place or not self._waiting or self._waiting[0][0] > self._now:
            return None
        sample = self._places[self._turn] = _Sample(self._waiting.popleft())
        self._next_place = (self._next_place + 1) % len(self._places)
        return sample

    def _pass(self) -> None:
        """An idle turn; all of them until somebody's inputs come, where nobody has any."""
        awaited = [sample.inputs[sample.step] for sample in self._places if sample is not None]
        awaited += [inputs[0] for inputs in list(self._waiting)[:1]]
        turns = max(1, min(awaited) - self._now)
        self._now += turns
        self._turn = (self._turn + turns) % len(self._places)
