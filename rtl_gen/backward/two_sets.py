"""Two sets of records: one is filled while the other is read."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import delay

__all__ = ["SHOWN", "TwoSets"]

SHOWN = 2  # cycles from `close` to `available`


class TwoSets(wiring.Component):
    """Says which of two sets is `filling` and which one `reading`.

    `start` takes a set, if `free`, for a sample that is to come; sets are filled in that order. `close` ends the set,
    with `closed_flags`; `show` is high in the cycle before the set, with its `flags`, is the one that is `reading`:
    a cycle after `close`, or in that of `release`, which gives up the one before it. `available` while there is one.
    """

    def __init__(self, flags: int) -> None:
        super().__init__(
            {
                "free": Out(1, init=1),
                "start": In(1),
                "close": In(1),
                "closed_flags": In(flags),
                "available": Out(1),
                "flags": Out(flags),
                "release": In(1),
                "show": Out(1),
                "filling": Out(1),
                "reading": Out(1, init=1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        taken = Signal(range(3))
        taken_next = (taken + self.start - self.release)[: len(taken)]
        m.d.sync += [taken.eq(taken_next), self.free.eq(taken_next != 2)]

        # A closed set is shown at once, or waits until the one before it is released; then no other is filled.
        closing, waiting = Signal(), Signal()
        closed, kept = delay(m, self.closed_flags, 1), Signal.like(self.flags)
        m.d.comb += self.show.eq((closing | waiting) & (~self.available | self.release))
        m.d.sync += [
            closing.eq(self.close),
            waiting.eq((closing | waiting) & ~self.show),
            self.filling.eq(self.filling ^ closing),
            self.reading.eq(self.reading ^ self.show),
        ]
        with m.If(closing):
            m.d.sync += kept.eq(closed)
        with m.If(self.show):
            m.d.sync += [self.flags.eq(Mux(waiting, kept, closed)), self.available.eq(1)]
        with m.Elif(self.release):
            m.d.sync += self.available.eq(0)
        return m
