"""From a classified sample to the top layer's lesson: the prototype of its label, if it teaches."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.parts.layouts import lesson_layout, tag_layout
from bephw.shape import LayerShape

__all__ = ["Teacher", "decision_layout"]

OUTSTANDING = 4  # words read and not yet taken: enough for one a cycle


def decision_layout(classes: int) -> data.StructLayout:
    """A classified sample."""
    return data.StructLayout({"prediction": range(classes), "teach": 1, "tag": tag_layout(classes)})


class Teacher(wiring.Component):
    """Takes a decision, and sends the lesson d_L = P_t in words (numerics.md section 4).

    A sample that does not teach is one beat. Reads the prototypes through `row_*`: `row_data` follows by two cycles.
    Throughput: a word a cycle.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        super().__init__(
            {
                "decisions": In(stream.Signature(decision_layout(shape.outputs))),
                "row_class": Out(range(shape.outputs)),
                "row_word": Out(range(shape.words)),
                "row_data": In(shape.columns),
                "lessons": Out(stream.Signature(lesson_layout(shape.columns))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        decision, lesson = self.decisions.payload, Signal(lesson_layout(self._shape.columns))
        m.submodules.sent = fifo = SyncFIFO(width=len(lesson.as_value()), depth=OUTSTANDING)
        word, outstanding = Signal(range(self._shape.words)), Signal(range(OUTSTANDING + 1))
        read, last = Signal(), Signal()
        m.d.comb += [
            read.eq(self.decisions.valid & (outstanding != OUTSTANDING)),
            last.eq(~decision.teach | (word == self._shape.words - 1)),
            self.row_class.eq(decision.tag.label),
            self.row_word.eq(word),
            self.decisions.ready.eq(read & last),
            lesson.data.eq(self.row_data),
            Cat(lesson.teach, lesson.learn, lesson.last).eq(delay(m, Cat(decision.teach, decision.tag.learn, last), 2)),
            fifo.w_en.eq(delay(m, read, 2)),
            fifo.w_data.eq(lesson),
            self.lessons.valid.eq(fifo.r_rdy),
            self.lessons.payload.as_value().eq(fifo.r_data),
            fifo.r_en.eq(self.lessons.ready),
        ]
        m.d.sync += outstanding.eq(outstanding + read - (self.lessons.valid & self.lessons.ready))
        with m.If(read):
            m.d.sync += word.eq(Mux(last, 0, word + 1))
        return m
