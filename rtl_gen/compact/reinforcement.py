"""Reinforcement: a few random counters step away from zero after every sample."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import divide_by_constant, xorshift32
from bephw.rtl_gen.compact.layouts import element_layout
from bephw.shape import LayerShape

__all__ = ["Reinforcement"]


class Reinforcement(wiring.Component):
    """Rate accumulator, xorshift32 generator and the choice of a place (numerics.md section 5).

    `start` adds `rate` to the accumulator; `events` then carries one counter's place for each whole unit.
    `busy` from `start` until the last event has been taken. `generator` and `accumulator` may be set by `*_set`.

    Latency: 5 cycles from `start` to the first event. Throughput: one event a cycle.
    """

    def __init__(self, shape: LayerShape, seed: int, accumulator: int = 0) -> None:
        self._shape = shape
        super().__init__(
            {
                "rate": In(32),
                "start": In(1),
                "busy": Out(1),
                "events": Out(stream.Signature(element_layout(shape))),
                "set_data": In(32),
                "generator": Out(32, init=seed),
                "generator_set": In(1),
                "accumulator": Out(16, init=accumulator),
                "accumulator_set": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        remaining = Signal(17)
        advance, draw = Signal(), Signal()
        total = Signal(33)
        m.d.comb += [
            total.eq(self.accumulator + self.rate),
            advance.eq(~self.events.valid | self.events.ready),
            draw.eq((remaining != 0) & advance),
        ]
        with m.If(self.start):
            m.d.sync += [self.accumulator.eq(total[:16]), remaining.eq(total[16:])]
        with m.If(draw):
            m.d.sync += [self.generator.eq(xorshift32(self.generator)), remaining.eq(remaining - 1)]
        with m.If(self.generator_set):
            m.d.sync += self.generator.eq(self.set_data)
        with m.If(self.accumulator_set):
            m.d.sync += self.accumulator.eq(self.set_data)
        on_the_way = self._place(m, advance, draw)
        m.d.comb += self.busy.eq((remaining != 0) | on_the_way)
        return m

    def _place(self, m, advance, draw):
        """Output and input from the generator's word, then memory word and lane, a stage each."""
        shape, width = self._shape, self._shape.update_columns
        drawn, scaled, divided = Signal(), Signal(), Signal()
        output, late_output = Signal(range(shape.outputs)), Signal(range(shape.outputs))
        column, late_column = Signal(range(shape.inputs)), Signal(range(shape.inputs))
        chunk = Signal(range(shape.row_chunks))
        event = self.events.payload
        with m.If(advance):
            m.d.sync += [
                drawn.eq(draw),
                scaled.eq(drawn),
                output.eq((self.generator[16:] * shape.outputs) >> 16),
                column.eq((self.generator[:16] * shape.inputs) >> 16),
                divided.eq(scaled),
                late_output.eq(output),
                late_column.eq(column),
                chunk.eq(divide_by_constant(column, width)),
                self.events.valid.eq(divided),
                event.word.eq(late_output * shape.row_chunks + chunk),
                event.lane.eq(late_column - chunk * width),
            ]
        return drawn | scaled | divided | self.events.valid
