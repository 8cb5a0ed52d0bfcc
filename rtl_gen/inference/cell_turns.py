"""Whose step is next in a recurrent cell."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import next_index

__all__ = ["CellTurns"]


class CellTurns(wiring.Component):
    """Chooses steps of samples in `slots` slots, the oldest sample first.

    A step `arrived`: its inputs are there; with `final` it is the last one of its sample, and the next one to arrive is
    of the sample in the next slot. Where `free`, a step is chosen, if there is one that can begin: from the next cycle
    on, until `free` is high again, `valid` is high, `slot` says whose step it is, `fresh` whether it is the first of
    its sample, `odd` whether its number (from 0) is odd, and `last` whether it is the last one.

    A step that is not the first one can begin when the state of the one before has `returned` for `returned_slot`; a
    last one only where there is `room`, and where its sample is the oldest, so that samples end in their order however
    long they are. `waits` says that one needs nothing else; `begins_last` is high where one is chosen, which is where
    it `waits`, there is `room`, and the array is `free`.
    """

    def __init__(self, slots: int, steps: int) -> None:
        self._slots = slots
        self._steps = steps
        super().__init__(
            {
                "arrived": In(1),
                "final": In(1),
                "returned": In(1),
                "returned_slot": In(range(slots)),
                "room": In(1),
                "free": In(1),
                "waits": Out(1),
                "begins_last": Out(1),
                "valid": Out(1),
                "slot": Out(range(slots)),
                "fresh": Out(1),
                "odd": Out(1),
                "last": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        slots = range(self._slots)
        arriving, oldest = Signal(slots), Signal(slots)
        chosen, may, chosen_last, last_waits = Signal(slots), Signal(self._slots), Signal(), Signal(self._slots)
        begins, last, fresh, odd = (Signal(self._slots, name=name) for name in ("begins", "last", "fresh", "odd"))
        for slot in slots:
            m.d.comb += begins[slot].eq(self.free & may.any() & (chosen == slot))
            can, is_last = self._sample(m, slot, arriving, begins[slot], fresh[slot], odd[slot])
            m.d.comb += [
                last[slot].eq(is_last),
                last_waits[slot].eq(can & is_last & (oldest == slot)),
                may[slot].eq((can & ~is_last) | (last_waits[slot] & self.room)),
            ]
        m.d.comb += self.waits.eq(last_waits.any())
        self._choose(m, may, oldest, chosen)
        m.d.comb += [chosen_last.eq(last.bit_select(chosen, 1)), self.begins_last.eq(begins.any() & chosen_last)]
        with m.If(self.arrived & self.final):
            m.d.sync += arriving.eq(next_index(arriving, self._slots))
        with m.If(self.begins_last):
            m.d.sync += oldest.eq(next_index(oldest, self._slots))
        with m.If(self.free):
            m.d.sync += [
                self.valid.eq(may.any()),
                self.slot.eq(chosen),
                self.fresh.eq(fresh.bit_select(chosen, 1)),
                self.odd.eq(odd.bit_select(chosen, 1)),
                self.last.eq(chosen_last),
            ]
        return m

    def _sample(self, m, slot, arriving, begins, fresh, odd):
        """What is known of the sample in a slot; whether its next step can begin, and whether that is its last."""
        waiting, whole = Signal(range(self._steps + 1), name=f"waiting_{slot}"), Signal(name=f"whole_{slot}")
        back = Signal(init=1, name=f"back_{slot}")  # the state: neither in the array nor on its way
        begun, number_odd = Signal(name=f"begun_{slot}"), Signal(name=f"odd_{slot}")
        arrives, is_last = Signal(name=f"arrives_{slot}"), Signal(name=f"is_last_{slot}")
        m.d.comb += [
            arrives.eq(self.arrived & (arriving == slot)),
            is_last.eq(whole & (waiting == 1)),
            fresh.eq(~begun),
            odd.eq(number_odd),
        ]
        m.d.sync += waiting.eq(waiting + arrives - begins)
        with m.If(arrives & self.final):
            m.d.sync += whole.eq(1)
        with m.If(self.returned & (self.returned_slot == slot)):
            m.d.sync += back.eq(1)
        with m.If(begins):
            # After a last step nothing returns, and the slot is the next sample's.
            m.d.sync += [begun.eq(~is_last), back.eq(is_last), number_odd.eq(~is_last & ~number_odd)]
            with m.If(is_last):
                m.d.sync += whole.eq(0)
        return back & (waiting != 0), is_last

    def _choose(self, m, may, oldest, chosen):
        """The first slot that may, from the oldest on."""
        for slot in reversed(range(self._slots)):
            with m.If(may[slot]):
                m.d.comb += chosen.eq(slot)
        # What is assigned later counts: no slot lies behind the last one, so it is never before the oldest.
        for slot in reversed(range(self._slots)):
            with m.If(may[slot] & ((oldest <= slot) if slot < self._slots - 1 else 1)):
                m.d.comb += chosen.eq(slot)
