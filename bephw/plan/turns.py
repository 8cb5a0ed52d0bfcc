"""When the steps of a channel's samples may go through a cell's array (rtl_gen/recurrent/turns.py)."""

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
    """Samples of a channel take turns in the array, step by step."""

    def __init__(self, shape: LayerShape, wires: int) -> None:
        self._activated = ForwardUnit.drained(shape, wires=wires) + ACTIVATED
        self._state = GearboxModel(state_beats(shape), shape.columns)
        self._waiting: deque[Sequence[int]] = deque()
        self._places: list[_Sample | None] = [None] * samples_together(shape, wires)
        self._next_place = 0
        self._turn = self._since = 0  # whose turn it was, and in which cycle

    def admit(self, inputs: Sequence[int]) -> None:
        """Another sample: for each of its steps, the cycle from which its inputs may be read."""
        self._waiting.append(inputs)

    def available(self, room: int | None) -> int | None:
        """The cycle from which the next step may go through, as far as is known: a last one when there is `room` for
        it, if that is known."""
        held = self._hold()
        if held is None:
            return None
        turn, cycle = held
        sample = self._places[turn]
        if sample is None:
            sample = _Sample(self._waiting[0])
        if not sample.last:
            return max(cycle, sample.ready)
        return None if room is None else max(cycle, sample.ready, room)

    def take(self, done: int) -> int | None:
        """The next step goes through until cycle `done`; if it is its sample's last, the cycle of its last outputs."""
        held = self._hold()
        assert held is not None, "only what is available is taken"
        turn, _ = held
        sample = self._places[turn]
        if sample is None:
            sample = self._places[turn] = _Sample(self._waiting.popleft())
            self._next_place = (self._next_place + 1) % len(self._places)
        self._turn, self._since = (turn + 1) % len(self._places), done + 1
        if sample.last:
            self._places[turn] = None
            return done + self._activated
        sample.step += 1
        sample.ready = self._state.arrive(done + self._activated) + 1
        return None

    def _hold(self) -> tuple[int, int] | None:
        """Whose turn it is that does not pass idle, as far as is known, and the cycle in which it comes."""
        places, turn, cycle = self._places, self._turn, self._since
        awaited = [sample.inputs[sample.step] for sample in places if sample is not None]
        # The next sample to begin has its place; of those after it none begins before.
        awaited += [inputs[0] for inputs in list(self._waiting)[:1] if places[self._next_place] is None]
        if not awaited:
            return None
        idle = max(0, min(awaited) - cycle)
        turn, cycle = (turn + idle) % len(places), cycle + idle
        while True:
            sample = places[turn]
            if sample is not None and sample.inputs[sample.step] <= cycle:
                return turn, cycle
            if sample is None and turn == self._next_place and self._waiting and self._waiting[0][0] <= cycle:
                return turn, cycle
            turn, cycle = (turn + 1) % len(places), cycle + 1
