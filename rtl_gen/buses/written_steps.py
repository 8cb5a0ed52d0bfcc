"""How many steps the next sample has, by what is written to the registers."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.registers.csr import WRITE_LATENCY

__all__ = ["WrittenSteps"]


class WrittenSteps(wiring.Component):
    """Follows the trainer's register `steps` from outside: `written`, for a cycle, with `value`.

    `steps` is what it then holds, 1 for 0 and `most` for more, and at first `most`. While `hold` is high the write is
    on its way: no sample may begin, as it would be of the length before.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        super().__init__({"written": In(1), "value": In(32), "steps": Out(range(most + 1), init=most), "hold": Out(1)})

    def elaborate(self, platform):
        m = Module()
        under_way = Signal(WRITE_LATENCY - 1)
        m.d.sync += under_way.eq(Cat(self.written, under_way))
        m.d.comb += self.hold.eq(under_way.any())
        with m.If(self.written):
            m.d.sync += self.steps.eq(self.value)
            with m.If(self.value == 0):
                m.d.sync += self.steps.eq(1)
            with m.If(self.value > self._most):
                m.d.sync += self.steps.eq(self._most)
        return m
