"""Between a producer of desired bits and the winner search that takes them one by one."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.layouts import lesson_layout
from bephw.shape import ceil_div

__all__ = ["LessonBuffer"]


class LessonBuffer(wiring.Component):
    """Assembles the lesson of one sample: `outputs` desired bits in beats of `width`, or one beat that teaches nothing.

    While `valid`, `teach` and `learn` are steady and `desired` is the lowest bit not yet shifted out. `consumed`
    gives the lesson up; only then is the next one taken.
    """

    def __init__(self, outputs: int, width: int) -> None:
        self._width = width
        self._length = ceil_div(outputs, width) * width
        super().__init__(
            {
                "lessons": In(stream.Signature(lesson_layout(width))),
                "valid": Out(1),
                "teach": Out(1),
                "learn": Out(1),
                "desired": Out(1),
                "shift": In(1),
                "consumed": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        lesson = self.lessons.payload
        bits = Signal(self._length)
        m.d.comb += [self.lessons.ready.eq(~self.valid), self.desired.eq(bits[0])]
        with m.If(self.lessons.valid & self.lessons.ready):
            m.d.sync += [
                bits.eq(Cat(bits, lesson.data)[self._width :]),
                self.teach.eq(lesson.teach),
                self.learn.eq(lesson.learn),
                self.valid.eq(lesson.last),
            ]
        with m.If(self.shift):
            m.d.sync += bits.eq(bits >> 1)
        with m.If(self.consumed):
            m.d.sync += self.valid.eq(0)
        return m
