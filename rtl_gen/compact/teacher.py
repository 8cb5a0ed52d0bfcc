"""From a classified sample to the top layer's lesson: the prototype of its label, if it teaches."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import next_index
from bephw.rtl_gen.compact.layouts import lesson_layout, tag_layout
from bephw.shape import LayerShape

__all__ = ["Teacher", "decision_layout"]


def decision_layout(classes: int) -> data.StructLayout:
    """A classified sample."""
    return data.StructLayout({"prediction": range(classes), "teach": 1, "tag": tag_layout(classes)})


class Teacher(wiring.Component):
    """Takes a decision, and sends the lesson d_L = P_t in words (numerics.md section 4).

    A sample that does not teach is one beat. Reads the prototypes through `row_*`. Throughput: a word a cycle.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        super().__init__(
            {
                "decisions": In(stream.Signature(decision_layout(shape.outputs))),
                "row_class": Out(range(shape.outputs)),
                "row_word": Out(range(shape.words)),
                "row_read": Out(1),
                "row_data": In(shape.columns),
                "lessons": Out(stream.Signature(lesson_layout(shape.columns))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        decision, lesson = self.decisions.payload, self.lessons.payload
        word, last = Signal(range(self._shape.words)), Signal()
        enable = Signal()
        m.d.comb += [
            enable.eq(~self.lessons.valid | self.lessons.ready),
            last.eq(~decision.teach | (word == self._shape.words - 1)),
            self.row_class.eq(decision.tag.label),
            self.row_word.eq(word),
            self.row_read.eq(enable),
            self.decisions.ready.eq(enable & last),
            lesson.data.eq(self.row_data),
        ]
        with m.If(enable):
            m.d.sync += [
                self.lessons.valid.eq(self.decisions.valid),
                lesson.teach.eq(decision.teach),
                lesson.learn.eq(decision.tag.learn),
                lesson.last.eq(last),
            ]
            with m.If(self.decisions.valid & decision.teach):
                m.d.sync += word.eq(next_index(word, self._shape.words))
        return m
