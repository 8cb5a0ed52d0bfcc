"""The way through a matrix that several samples share."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.forward.array import step_layout
from bephw.rtl_gen.parts.arithmetic import last_of, next_index
from bephw.shape import LayerShape

__all__ = ["ForwardWalk"]


class ForwardWalk(wiring.Component):
    """Decides who passes through a layer's arrays, and where in the matrix they are: row groups outside, column words
    inside, a `step` a cycle.

    There are `shape.samples` channels. While `available`, a sample waits in one. Those that wait are begun together
    (`start` for a cycle), where there is `room` for all of them: then they go through without a stop, and whoever comes
    later waits for the next pass. `passing` are the channels whose samples are in the pass of this `step`, `word` and
    `group` say where it is. `step.last` ends a row group, and `ends` the pass, whose samples are then `done`.
    `restarts`: a step that comes next is a pass's first.

    Throughput: a pass every `shape.forward_cycles` cycles.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
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

    def elaborate(self, platform):
        m = Module()
        shape, step = self._shape, self.step
        begun, begins = Signal(), Signal()
        kept = Signal(shape.samples)
        m.d.comb += [
            begins.eq(self.available.any() & ~(self.available & ~self.room).any()),
            self.passing.eq(Mux(begun, kept, self.available)),
            step.valid.eq(begun | begins),
            step.last.eq(last_of(m, self.word, shape.words, step.valid)),
            step.final.eq(last_of(m, self.group, shape.groups, step.valid & step.last)),
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
