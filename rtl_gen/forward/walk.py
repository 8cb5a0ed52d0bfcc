"""The way through a matrix that several samples share."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.forward.array import step_layout
from bephw.rtl_gen.parts.arithmetic import next_index
from bephw.shape import LayerShape, ceil_div

__all__ = ["ForwardWalk"]


class ForwardWalk(wiring.Component):
    """Decides who passes through a layer's arrays, and where in the matrix they are: row groups outside, column words
    inside, a `step` a cycle.

    There are `shape.samples` channels. While `available`, a sample waits in one. Those that wait are begun together
    (`start` for a cycle), where there is `room` for all of them: then they go through without a stop, and whoever comes
    later waits for the next pass. `passing` are the channels whose samples are in the pass of this `step`, `word` and
    `group` say where it is. `step.last` ends a row group, and `ends` the pass, whose samples are then `done`.
    `restarts`: a step that comes next is a pass's first.

    Row groups leave the arrays in beats of `scan` outputs; one that has more of them than `shape.words` holds the next
    one up. Throughput: a pass every `interval(shape, scan)` cycles.
    """

    def __init__(self, shape: LayerShape, scan: int | None = None) -> None:
        self._shape = shape
        self._scan = shape.scan if scan is None else scan
        super().__init__(
            {
                "available": In(shape.samples),
                "room": In(shape.samples),
                "start": Out(shape.samples),
                "step": Out(step_layout()),
                "word": Out(range(shape.words)),
                "group": Out(range(shape.groups)),
                "passing": Out(shape.samples),
                "ends": Out(1),
                "done": Out(shape.samples),
                "restarts": Out(1),
            }
        )

    @staticmethod
    def interval(shape: LayerShape, scan: int | None = None) -> int:
        """Cycles a pass."""
        return shape.groups * max(shape.words, ceil_div(shape.rows, scan or shape.scan))

    def elaborate(self, platform):
        m = Module()
        shape, step = self._shape, self.step
        begun, begins, resting = Signal(), Signal(), self._rest(m)
        kept = Signal(shape.samples)
        m.d.comb += [
            begins.eq(self.available.any() & ~(self.available & ~self.room).any()),
            self.passing.eq(Mux(begun, kept, self.available)),
            step.valid.eq((begun | begins) & ~resting),
            step.last.eq(self.word == shape.words - 1),
            step.final.eq(self.group == shape.groups - 1),
            self.ends.eq(step.valid & step.last & step.final),
            self.start.eq(Mux(step.valid & ~begun, self.available, 0)),
            self.done.eq(Mux(self.ends, self.passing, 0)),
            self.restarts.eq(Mux(step.valid, self.ends, ~begun)),
        ]
        with m.If(step.valid):
            m.d.sync += [
                begun.eq(~self.ends),
                kept.eq(self.passing),
                self.word.eq(next_index(self.word, shape.words)),
            ]
            with m.If(step.last):
                m.d.sync += self.group.eq(next_index(self.group, shape.groups))
        return m

    def _rest(self, m):
        """Where a row group's beats outlast its words: high until all of them have left."""
        extra = ceil_div(self._shape.rows, self._scan) - self._shape.words
        if extra <= 0:
            return C(0)
        left = Signal(range(extra + 1))
        with m.If(self.step.valid & self.step.last):
            m.d.sync += left.eq(extra)
        with m.Elif(left != 0):
            m.d.sync += left.eq(left - 1)
        return left != 0
