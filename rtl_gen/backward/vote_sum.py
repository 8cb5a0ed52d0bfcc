"""What the votes on one input of a layer decide."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.popcount.vote_count import VoteCount

__all__ = ["VoteSum"]


@emitted_once
class VoteSum(wiring.Component):
    """Adds up the votes for a 0, less half of all, over some steps: the sum's sign is the `desired` bit.

    In each step `rows` vote, as in `VoteCount`; `VoteCount.latency(rows)` cycles after its votes a step is `valid`.
    `more` adds one, and so does `tie` where the input is `zero`. After `clear` the sum is `start`; it always lies in
    `low` to `high`.

    Latency: 1 cycle from `valid`. Throughput: one step a cycle.
    """

    def __init__(self, rows: int, start: int, low: int, high: int) -> None:
        self._rows = rows
        self._start = start
        self._range = range(low, high + 1)
        super().__init__(
            {
                "weights": In(rows),
                "present": In(rows),
                "wishes": In(rows),
                "valid": In(1),
                "clear": In(1),
                "more": In(1),
                "tie": In(1),
                "zero": In(1),
                "desired": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.count = count = VoteCount(self._rows)
        lead = Signal(self._range, init=self._start, reset_less=True)
        following, desired = Signal.like(lead), Signal(reset_less=True)
        carry = self.more | (self.tie & self.zero)
        m.d.comb += [
            count.weights.eq(self.weights),
            count.present.eq(self.present),
            count.wishes.eq(self.wishes),
            # The lowest bit is the carry in.
            following.eq((Cat(C(1, 1), lead).as_signed() + Cat(carry, count.excess).as_signed()) >> 1),
            self.desired.eq(desired),
        ]
        with m.If(self.valid):
            m.d.sync += lead.eq(following)
        with m.If(self.clear):
            m.d.sync += lead.eq(self._start)
        m.d.sync += desired.eq(following[-1])
        return m
