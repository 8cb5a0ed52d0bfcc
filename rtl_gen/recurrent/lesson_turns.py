"""The order in which a cell takes its lessons."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["LessonTurns"]


class LessonTurns(wiring.Component):
    """A sample's first lesson comes from above, and is for its last step; if it teaches, one for each step before
    follows, from the cell itself, down to the first (numerics.md section 4, BEP-TT).

    While `valid`, the lesson shown is for `step` (from 0), and comes from above or, where `own`, from the cell. `shift`
    and `consumed` go to whoever it comes from.
    """

    def __init__(self, steps: int) -> None:
        self._steps = steps
        super().__init__(
            {
                "steps": In(range(steps + 1)),
                "teach": In(1),
                "consumed": In(1),
                "own": Out(1),
                "step": Out(range(steps)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        left = Signal(range(self._steps))
        m.d.comb += self.step.eq(Mux(self.own, left, self.steps - 1))
        with m.If(self.consumed):
            m.d.sync += [self.own.eq(self.teach & (self.step != 0)), left.eq(self.step - 1)]
        return m
