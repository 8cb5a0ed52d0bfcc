"""The lessons for the samples that pass through one channel of a cell, step by step."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.backward.lesson_buffer import LessonBuffer
from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.parts.layouts import lesson_layout, step_layout
from bephw.rtl_gen.recurrent.lesson_turns import LessonTurns, lessons_together
from bephw.shape import LayerShape

__all__ = ["StepLessons"]


@emitted_once
class StepLessons(wiring.Component):
    """A `LessonBuffer` for a channel of a cell: `above` are the lessons for its samples' last steps, in beats of
    `width`, and `own` those that the cell then sends itself, in words of its inputs. Which of them is shown, and to
    which step it belongs (`at`), says `LessonTurns`.
    """

    def __init__(self, shape: LayerShape, width: int, gamma: int) -> None:
        self._shape = shape
        self._width = width
        self._gamma = gamma
        super().__init__(
            {
                "steps": In(range(shape.steps + 1)),
                "above": In(stream.Signature(lesson_layout(width))),
                "own": In(stream.Signature(lesson_layout(shape.columns))),
                "valid": Out(1),
                "teach": Out(1),
                "learn": Out(1),
                "desired": Out(shape.slice_width(gamma)),
                "at": Out(step_layout(shape)),
                "shift": In(1),
                "consumed": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, gamma = self._shape, self._gamma
        m.submodules.turns = turns = LessonTurns(shape, lessons_together(shape, gamma))
        m.submodules.above = above = LessonBuffer(shape, self._width, gamma)
        skipped = shape.passed_on.start % shape.columns
        m.submodules.own = own = LessonBuffer(shape, shape.columns, gamma, skipped=skipped)
        connect(m, flipped(self.above), above.lessons)
        connect(m, flipped(self.own), own.lessons)
        m.d.comb += [
            turns.steps.eq(self.steps),
            turns.above_valid.eq(above.valid),
            turns.own_valid.eq(own.valid),
            turns.teach.eq(self.teach),
            turns.shift.eq(self.shift),
            turns.consumed.eq(self.consumed),
            self.valid.eq(turns.valid),
            self.at.eq(turns.at),
        ]
        for name in ("teach", "learn", "desired"):
            m.d.comb += getattr(self, name).eq(Mux(turns.own, getattr(own, name), getattr(above, name)))
        for name in ("shift", "consumed"):
            m.d.comb += [
                getattr(above, name).eq(getattr(self, name) & ~turns.own),
                getattr(own, name).eq(getattr(self, name) & turns.own),
            ]
        return m
