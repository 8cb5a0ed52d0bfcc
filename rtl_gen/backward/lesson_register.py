"""Between a producer of desired bits and a winner search that has time for one lesson after the other."""

from itertools import pairwise

from amaranth.hdl import *
from amaranth.lib import wiring

from bephw.rtl_gen.backward.lesson_buffer import LessonBuffer, lesson_ports, position_line
from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.shape import LayerShape, ceil_div

__all__ = ["LessonRegister", "lesson_store"]

MOST_OUTPUTS = 64  # of a layer; two lessons of a larger one take fewer LUTs in a memory than one in registers


@emitted_once
class LessonRegister(wiring.Component):
    """As a `LessonBuffer`, but a lesson is taken in when the one before it has been given up: a register a bit.

    Latency: 1 cycle after the last beat. Throughput: a beat a cycle, then a slice a cycle, then the next lesson's.
    """

    def __init__(self, shape: LayerShape, width: int, gamma: int) -> None:
        self._slices = shape.slices(gamma)
        self._width = width
        self._beats = ceil_div(shape.outputs, width)
        super().__init__(lesson_ports(shape, width, gamma))

    @staticmethod
    def suffices(shape: LayerShape, width: int, gamma: int) -> bool:
        """Whether a lesson comes in and is searched in less time than a forward pass takes: then one is seldom there
        before the one before it has gone. A cell's lessons are those of steps, and come faster."""
        cycles = ceil_div(shape.outputs, width) + len(shape.slices(gamma))
        return shape.steps is None and shape.outputs <= MOST_OUTPUTS and cycles < shape.forward_cycles

    def elaborate(self, platform):
        m = Module()
        lesson, taken = self.lessons.payload, Signal()
        m.d.comb += [self.lessons.ready.eq(~self.valid), taken.eq(self.lessons.valid & self.lessons.ready)]
        with m.If(taken):
            m.d.sync += [self.valid.eq(lesson.last), self.teach.eq(lesson.teach), self.learn.eq(lesson.learn)]
        with m.If(self.consumed):
            m.d.sync += self.valid.eq(0)
        self._show(m, taken, lesson.data)
        return m

    def _show(self, m, taken, beat):
        """The bits move on by a beat while a lesson comes in, and by a slice while it is searched."""
        bits = Signal(self._beats * self._width)
        for position in range(len(self.desired)):
            # A slice that lacks this position still has its place in the line.
            line = [
                Signal(name=f"gap_{position}") if output is None else bits[output]
                for output in position_line(self._slices, position)
            ]
            m.d.comb += self.desired[position].eq(line[0])
            with m.If(self.shift):
                m.d.sync += [place.eq(following) for place, following in pairwise(line)]
        with m.If(taken):
            m.d.sync += bits.eq(Cat(bits, beat)[self._width :])


def lesson_store(shape: LayerShape, width: int, gamma: int) -> LessonBuffer | LessonRegister:
    """What takes the lessons of a layer, in beats of `width`."""
    store = LessonRegister if LessonRegister.suffices(shape, width, gamma) else LessonBuffer
    return store(shape, width, gamma)
