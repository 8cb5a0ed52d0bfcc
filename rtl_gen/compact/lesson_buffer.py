"""Between a producer of desired bits and the winner search that takes them one by one."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.compact.layouts import lesson_layout
from bephw.shape import ceil_div

__all__ = ["LessonBuffer"]


class LessonBuffer(wiring.Component):
    """Assembles the lesson of one sample: `outputs` desired bits in beats of `width`, or one beat that teaches nothing.

    While `valid`, `teach` and `learn` are steady and `desired` is the lowest bit not yet shifted out. `consumed`
    gives the lesson up. The next lesson is taken only then, or, with `ahead`, while this one is in use, which pays
    where the producer is slow.
    """

    def __init__(self, outputs: int, width: int, *, ahead: bool = False) -> None:
        self._width = width
        self._length = ceil_div(outputs, width) * width
        self._ahead = ahead
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
        lesson, bits = self.lessons.payload, Signal(self._length)
        m.d.comb += self.desired.eq(bits[0])
        with m.If(self.shift):
            m.d.sync += bits.eq(bits >> 1)
        with m.If(self.consumed):
            m.d.sync += self.valid.eq(0)
        take = self.lessons.valid & self.lessons.ready
        if not self._ahead:
            m.d.comb += self.lessons.ready.eq(~self.valid)
            self._assemble(m, take, lesson, bits, self.teach, self.learn, self.valid)
            return m
        next_bits, next_teach, next_learn, complete = Signal.like(bits), Signal(), Signal(), Signal()
        m.d.comb += self.lessons.ready.eq(~complete)
        self._assemble(m, take, lesson, next_bits, next_teach, next_learn, complete)
        with m.If(complete & ~self.valid):
            m.d.sync += [
                bits.eq(next_bits),
                self.teach.eq(next_teach),
                self.learn.eq(next_learn),
                self.valid.eq(1),
                complete.eq(0),
            ]
        return m

    def _assemble(self, m, take, lesson, bits, teach, learn, complete):
        """Shift a beat in from above; after as many as the lesson has, the first bit is lowest."""
        with m.If(take):
            m.d.sync += [
                bits.eq(Cat(bits, lesson.data)[self._width :]),
                teach.eq(lesson.teach),
                learn.eq(lesson.learn),
                complete.eq(lesson.last),
            ]
