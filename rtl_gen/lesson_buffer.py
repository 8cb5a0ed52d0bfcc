"""Between a producer of desired bits and the winner search that takes them slice by slice."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.layouts import lesson_layout
from bephw.shape import LayerShape, ceil_div

__all__ = ["LessonBuffer"]


class LessonBuffer(wiring.Component):
    """Assembles the lesson of one sample: all desired bits in beats of `width`, or one beat that teaches nothing.

    While `valid`, `teach` and `learn` are steady and `desired` are the bits of the next slice of
    `shape.slices(gamma)`, position p that of its p-th output; `shift` goes on to the slice after it. `consumed` gives
    the lesson up, with or without `shift`. The next lesson is taken in meanwhile; if it is complete by then it is
    shown in the next cycle.

    Latency: 2 cycles after the last beat. Throughput: a beat a cycle, and a cycle more for every lesson.
    """

    def __init__(self, shape: LayerShape, width: int, gamma: int) -> None:
        self._slices = shape.slices(gamma)
        self._width = width
        self._length = ceil_div(shape.outputs, width) * width
        super().__init__(
            {
                "lessons": In(stream.Signature(lesson_layout(width))),
                "valid": Out(1),
                "teach": Out(1),
                "learn": Out(1),
                "desired": Out(shape.slice_width(gamma)),
                "shift": In(1),
                "consumed": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        lesson, bits = self.lessons.payload, Signal(self._length)
        teach, learn, complete = Signal(), Signal(), Signal()
        vacant = ~self.valid | self.consumed
        m.d.comb += self.lessons.ready.eq(~complete)
        with m.If(self.lessons.valid & self.lessons.ready):
            m.d.sync += [
                bits.eq(Cat(bits, lesson.data)[self._width :]),
                teach.eq(lesson.teach),
                learn.eq(lesson.learn),
                complete.eq(lesson.last),
            ]
        with m.If(vacant):
            m.d.sync += [self.valid.eq(complete), self.teach.eq(teach), self.learn.eq(learn)]
            with m.If(complete):
                m.d.sync += complete.eq(0)
        self._show(m, bits, vacant)
        return m

    def _show(self, m, bits, vacant):
        """A shift register for each position of a slice; while nothing is shown, it follows what is coming in."""
        for position in range(len(self.desired)):
            outputs = [s[position] if position < len(s) else None for s in self._slices]
            while outputs and outputs[-1] is None:
                outputs.pop()
            shown = Signal(len(outputs), name=f"shown_{position}")
            m.d.comb += self.desired[position].eq(shown[:1])
            # A slice that lacks this position still has its place in the line, and any bit will do there.
            loaded = Cat(shown[at + 1] if output is None else bits[output] for at, output in enumerate(outputs))
            with m.If(vacant | self.shift):
                m.d.sync += shown.eq(Mux(vacant, loaded, shown >> 1))
