"""The first stage of a folded recurrent design: words of samples, step by step, as many as there is room for."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.cell_shape import CellShape
from bephw.rtl_gen.inference.spacing import spaced
from bephw.rtl_gen.inference.streams import sample_layout, step_beat_layout
from bephw.rtl_gen.parts.arithmetic import next_index
from bephw.rtl_gen.samples.gearbox import beat_width

__all__ = ["SeriesWords"]


class SeriesWords(wiring.Component):
    """Passes on the words of `samples` as `beats` in the same cycle, divided as `shape.divisions`, step by step.

    A sample has as many steps as `steps` says while its first word is offered; 0 counts as 1, and more than
    `shape.steps` as that. Its first word (`start`) is let in only where there is `room`; a step's first word
    `shape.beat_spacing` cycles after that of the step before; all other words always.
    """

    def __init__(self, shape: CellShape) -> None:
        self._shape = shape
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(shape.stream_width))),
                "steps": In(range(shape.steps + 1)),
                "room": In(1),
                "start": Out(1),
                "beats": Out(step_beat_layout(beat_width(shape.divisions))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        words, most = len(self._shape.divisions), self._shape.steps
        word, step, kept = Signal(range(words)), Signal(range(most)), Signal.like(self.steps)
        begins_step, first, first_of_step = Signal(), Signal(init=1), Signal(init=1)
        steps = Mux(first, self.steps, kept)
        may_begin_step = spaced(m, begins_step, self._shape.beat_spacing)
        m.d.comb += [
            self.samples.ready.eq((~first | self.room) & (~first_of_step | may_begin_step)),
            self.beats.valid.eq(self.samples.valid & self.samples.ready),
            self.beats.data.eq(self.samples.payload.data),
            self.beats.last.eq(word == words - 1),
            self.beats.final.eq((step + 1 >= steps) | (step == most - 1)),
            self.start.eq(self.beats.valid & first),
            begins_step.eq(self.beats.valid & first_of_step),
        ]
        with m.If(self.beats.valid):
            m.d.sync += [
                kept.eq(steps),
                first.eq(self.beats.last & self.beats.final),
                first_of_step.eq(self.beats.last),
                word.eq(next_index(word, words)),
            ]
            with m.If(self.beats.last):
                m.d.sync += step.eq(Mux(self.beats.final, 0, step + 1))
        return m
