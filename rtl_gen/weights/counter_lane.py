"""One lane of the counters' pipeline."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.weights.counter_step import CounterStep, at_limit

__all__ = ["CounterLane"]


@emitted_once
class CounterLane(wiring.Component):
    """What becomes of the counter in one lane of a word: `after`, the result register.

    `counter` is what was `before` a cycle ago. A `chosen` one steps, unless it is at its limit: outward, which is away
    from zero, where `differs` ^ `desired`, else inward. Where not `keeps`, `other` takes its place; there it must not
    be chosen. `enable`: the result register changes.

    Latency: 1 cycle from `counter`. Throughput: one a cycle.
    """

    def __init__(self, bits: int) -> None:
        self._bits = bits
        super().__init__(
            {
                "before": In(bits),
                "counter": In(bits),
                "chosen": In(1),
                "differs": In(1),
                "desired": In(1),
                "keeps": In(1),
                "other": In(bits),
                "enable": In(1),
                "after": Out(bits),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.step = step = CounterStep(self._bits)
        limit, outward, moves = Signal(reset_less=True), Signal(), Signal()
        after = Signal(self._bits, reset_less=True)
        m.d.sync += limit.eq(at_limit(m, self.before))
        # The table for `moves` has four inputs, and so has the one for `down`.
        m.d.comb += [
            outward.eq(self.differs ^ self.desired),
            moves.eq(self.chosen & ~(limit & outward)),
            step.counter.eq(self.counter),
            step.moves.eq(moves),
            step.down.eq(moves & (outward ^ self.counter[-1])),
            step.keeps.eq(self.keeps),
            step.other.eq(self.other),
            self.after.eq(after),
        ]
        with m.If(self.enable):
            m.d.sync += after.eq(step.result)
        return m
