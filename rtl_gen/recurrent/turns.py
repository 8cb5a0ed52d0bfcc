"""Whose turn it is in a cell's array: samples take turns, step by step."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import next_index

__all__ = ["Turns"]


class Turns(wiring.Component):
    """A step of a sample needs the state that its step before has left, which takes a while to come: meanwhile the
    array works on others. Up to `together` samples take turns, always in the same order, so that none overtakes
    another: they end in the order in which they came. One alone goes step after step.

    While `available`, step `step` (from 0) of the sample in `slot` may go through the array; `last`: it is the sample's
    last. `done` ends the step. `arrived` says that another step's inputs are there, in the order in which they come,
    `arrived_last` with it that they are a sample's last. `state_written` says that the state of a step that was not
    the last is there, in the order in which the steps were done. Slots are taken in turn.

    A step follows another without a cycle between, where it can; an idle turn takes a cycle, and so does that of a
    sample whose next step's inputs have not come yet: nobody waits for a sample that comes in slowly, or never ends.
    """

    def __init__(self, steps: int, slots: int, together: int) -> None:
        self._steps = steps
        self._slots = slots
        self._together = together
        super().__init__(
            {
                "steps": In(range(steps + 1)),
                "arrived": In(1),
                "arrived_last": In(1),
                "state_written": In(1),
                "available": Out(1),
                "slot": Out(range(slots)),
                "step": Out(range(steps)),
                "last": Out(1),
                "done": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        turn = Signal(range(max(2, self._together)))
        places = [Place(m, number, self._steps, self._slots) for number in range(self._together)]
        going, ready, step, slot = (
            Array([getattr(place, name) for place in places])[turn] for name in ("going", "ready", "step", "slot")
        )
        next_place, next_slot = Signal.like(turn), Signal(range(self._slots))
        begins, here = self._await_inputs(m, turn, going, step)
        m.d.comb += [
            self.available.eq(Mux(going, ready & here, begins & (turn == next_place))),
            self.step.eq(Mux(going, step, 0)),
            self.slot.eq(Mux(going, slot, next_slot)),
            self.last.eq(self.step == self.steps - 1),
        ]
        self._await_states(m, turn, places)
        # Only the sample that began last can lack inputs, so that the others stay ahead of it.
        with m.If(self.done | ~(going | self.available) | (going & ~here)):
            m.d.sync += turn.eq(next_index(turn, self._together))
        with m.If(self.done):
            for number, place in enumerate(places):
                with m.If(turn == number):
                    m.d.sync += [
                        place.going.eq(~self.last),
                        place.ready.eq(0),
                        place.step.eq(self.step + 1),
                        place.slot.eq(self.slot),
                    ]
            with m.If(~going):
                m.d.sync += [
                    next_place.eq(next_index(next_place, self._together)),
                    next_slot.eq(next_index(next_slot, self._slots)),
                ]
        return m

    def _await_inputs(self, m, turn, going, step):
        """Whether a sample may begin, and whether the inputs of step `step` of the sample whose turn it is are there:
        only those of the one that began last may not be."""
        steps_here = Signal(range(self._steps))  # of the sample that is coming in
        ahead = Signal(range(-1, self._slots + 1))  # samples that are complete, less those that have begun
        newest = Signal.like(turn)
        with m.If(self.arrived):
            m.d.sync += steps_here.eq(Mux(self.arrived_last, 0, steps_here + 1))
        m.d.sync += ahead.eq(ahead + (self.arrived & self.arrived_last) - (self.done & ~going))
        with m.If(self.done & ~going):
            m.d.sync += newest.eq(turn)
        incomplete = ahead < 0
        return (ahead > 0) | ((ahead == 0) & (steps_here != 0)), ~(incomplete & (turn == newest)) | (step < steps_here)

    def _await_states(self, m, turn, places):
        """States come in the order in which the steps were done."""
        m.submodules.awaited = awaited = SyncFIFO(width=len(turn), depth=self._together)
        m.d.comb += [
            awaited.w_en.eq(self.done & ~self.last),
            awaited.w_data.eq(turn),
            awaited.r_en.eq(self.state_written),
        ]
        with m.If(self.state_written):
            for number, place in enumerate(places):
                with m.If(awaited.r_data == number):
                    m.d.sync += place.ready.eq(1)


class Place:
    """A sample that takes turns, if one is `going`: its next step, and whether the state before that is there."""

    def __init__(self, m, number, steps, slots):
        self.going = Signal(name=f"going_{number}")
        self.ready = Signal(name=f"ready_{number}")
        self.step = Signal(range(steps), name=f"step_{number}")
        self.slot = Signal(range(slots), name=f"slot_{number}")
