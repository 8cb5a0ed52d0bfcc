"""The order in which a cell takes its lessons."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.backward.credit import BEYOND, CreditUnit
from bephw.rtl_gen.backward.dense_credit import DenseCredit
from bephw.rtl_gen.backward.winner import search_latency
from bephw.rtl_gen.parts.arithmetic import next_index
from bephw.rtl_gen.parts.layouts import step_layout
from bephw.rtl_gen.parts.storage import RamForm
from bephw.shape import LayerShape

__all__ = ["MOST", "LessonTurns", "lessons_together"]

# Samples whose own lessons are under way. Four might wait for each other: one for a free list of open rows, of which
# there are two, while two have these, and the lesson that the first of them makes has no place behind that of a fourth.
MOST = 3


def lessons_together(shape: LayerShape, gamma: int) -> int:
    """Samples of a channel whose lessons take turns: one where a lesson, with all rows open, is done before the forward
    pass of a step is; else as many as there may be."""
    search = len(shape.slices(gamma)) + search_latency(shape, gamma)
    if shape.samples == 1:
        credit = DenseCredit.pass_cycles(shape) + BEYOND + 1 + CreditUnit.latency(shape)
    else:  # a pass of others may just have begun
        credit = 2 * (DenseCredit.pass_cycles(shape) + DenseCredit.between(shape)) + DenseCredit.latency(shape)
    return 1 if search + credit <= shape.forward_cycles else min(MOST, shape.slots)


class LessonTurns(wiring.Component):
    """A sample's first lesson comes from above, and is for its last step; if it teaches, one for each step before
    follows, from the cell itself, down to the first (numerics.md section 4, BEP-TT). Until it comes, others take their
    turn: up to `together` samples wait for lessons of their own, which come in the order in which they were asked for,
    and go before those from above.

    While `valid`, the lesson that is shown comes from above or, where `own`, from the cell, and belongs to the step
    `at`. Before its first `shift` it may become another; from then on it is the same until it is `consumed`, with its
    last. Whoever takes it says so, and whether it did `teach`.
    """

    def __init__(self, shape: LayerShape, together: int) -> None:
        self._shape = shape
        self._together = together
        super().__init__(
            {
                "steps": In(range(shape.steps + 1)),
                "above_valid": In(1),
                "own_valid": In(1),
                "valid": Out(1),
                "own": Out(1),
                "at": Out(step_layout(shape)),
                "teach": In(1),
                "shift": In(1),
                "consumed": In(1),
            }
        )

    @staticmethod
    def ram(shape: LayerShape, together: int) -> RamForm:
        """The memory of the queue of lessons asked for, read at once."""
        return RamForm(max(1, step_layout(shape).size), together + 1)

    def elaborate(self, platform):
        m = Module()
        at, layout = self.at, step_layout(self._shape)
        form = self.ram(self._shape, self._together)
        m.submodules.asked = asked = SyncFIFO(width=form.width, depth=form.depth)
        inside, own_inside = Signal(), Signal()
        slot = Signal(range(self._shape.slots))  # of the next lesson from above
        following = Signal(layout)
        own = data.View(layout, asked.r_data[: layout.size])
        m.d.comb += [
            self.own.eq(Mux(inside, own_inside, self.own_valid)),
            self.valid.eq(Mux(self.own, self.own_valid, self.above_valid & (inside | (asked.level < self._together)))),
            at.step.eq(Mux(self.own, own.step, self.steps - 1)),
            at.slot.eq(Mux(self.own, own.slot, slot)),
            following.step.eq(at.step - 1),
            following.slot.eq(at.slot),
            asked.w_en.eq(self.consumed & self.teach & (at.step != 0)),
            asked.w_data.eq(following),
            asked.r_en.eq(self.consumed & self.own),
        ]
        m.d.sync += own_inside.eq(self.own)
        with m.If(self.shift):
            m.d.sync += inside.eq(~self.consumed)
        with m.If(self.consumed & ~self.own):
            m.d.sync += slot.eq(next_index(slot, self._shape.slots))
        return m
