"""Reinforcement: a few random counters step away from zero after every sample."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import delay, xorshift32
from bephw.rtl_gen.constant_division import division_latency, division_stages
from bephw.rtl_gen.constant_product import product_latency, product_stages
from bephw.rtl_gen.layouts import element_layout
from bephw.shape import LayerShape

__all__ = ["Reinforcement", "event_layout"]


def event_layout(shape: LayerShape) -> data.StructLayout:
    """A counter that steps away from zero; `last` of its sample (low where the event is not valid)."""
    return data.StructLayout({"element": element_layout(shape), "last": 1})


class Reinforcement(wiring.Component):
    """Rate accumulator, xorshift32 generator and the choice of a place (numerics.md section 5).

    `start`, where `start_ready`, adds `rate` to the accumulator; `events` then carries one counter's place for each
    whole unit. From the next cycle until the next start `any` says whether there is one. The next sample's events may
    be asked for while this one's wait; `start_ready` falls after a `start` only. `busy`: some are not yet taken.
    `generator` and `accumulator` may be set by `*_set`, while not busy.

    Latency: `latency` cycles from `start` to the first event. Throughput: one event a cycle.
    """

    def __init__(self, shape: LayerShape, seed: int, accumulator: int = 0) -> None:
        self._shape = shape
        self._place = Placement(shape)
        self.latency = 3 + self._place.latency
        super().__init__(
            {
                "rate": In(32),
                "start": In(1),
                "start_ready": Out(1),
                "any": Out(1),
                "busy": Out(1),
                "events": Out(stream.Signature(event_layout(shape))),
                "set_data": In(32),
                "generator": Out(32, init=seed),
                "generator_set": In(1),
                "accumulator": Out(16, init=accumulator),
                "accumulator_set": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        advance, draw, last = Signal(), Signal(), Signal()
        drawn, drawn_last = Signal(), Signal()
        m.submodules.place = place = self._place
        self._count(m, draw, last, advance)
        with m.If(draw):
            m.d.sync += self.generator.eq(xorshift32(self.generator))
        with m.If(self.generator_set):
            m.d.sync += self.generator.eq(self.set_data)
        with m.If(advance):
            m.d.sync += [drawn.eq(draw), drawn_last.eq(draw & last)]
        m.d.comb += [
            advance.eq(place.advance),
            place.drawn.eq(drawn),
            place.last.eq(drawn_last),
            place.random.eq(self.generator),
        ]
        wiring.connect(m, place.events, wiring.flipped(self.events))
        return m

    def _count(self, m, draw, last, advance):
        """How many events a sample has, and one draw for each."""
        number, waiting, take = Signal(17), Signal(), Signal()
        drawing, left = Signal(), Signal(signed(18))  # `left` is below 0 at the last draw
        m.d.comb += [
            self.any.eq(number.any()),
            # A sum that nobody draws for moves on in this very cycle.
            self.start_ready.eq(~waiting | ~drawing),
            last.eq(left[-1]),
            draw.eq(drawing & advance),
            take.eq(~drawing | (advance & last)),
            self.busy.eq(waiting | drawing | self._place.busy),
        ]
        with m.If(take):
            m.d.sync += [drawing.eq(waiting & self.any), waiting.eq(0)]
        # Where nothing is drawn it loads in any case, so that no adder has to wait for `advance`.
        with m.If(~drawing | advance):
            m.d.sync += left.eq(
                Mux(~drawing | last, number, left) + Cat(drawing & ~last, C(-1, 17)).as_signed()
            )  # 2 less, or 1
        with m.If(self.start):
            m.d.sync += [Cat(self.accumulator, number).eq(self.accumulator + self.rate), waiting.eq(1)]
        with m.If(self.accumulator_set):
            m.d.sync += self.accumulator.eq(self.set_data)


class Placement(wiring.Component):
    """From a random word to a counter's place, in `latency` steps. All stages move together (`advance`), whenever the
    last one is free."""

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        width = shape.update_columns
        self._scale = max(product_latency(shape.outputs), product_latency(shape.inputs))
        self._divide = max(division_latency((shape.inputs - 1).bit_length(), width), product_latency(shape.row_chunks))
        self.latency = self._scale + 1 + self._divide + 1
        super().__init__(
            {
                "random": In(32),
                "drawn": In(1),
                "last": In(1),
                "advance": Out(1),
                "busy": Out(1),
                "events": Out(stream.Signature(event_layout(shape))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, width, event = self._shape, self._shape.update_columns, self.events.payload
        advance = self.advance
        valid = [self.drawn]
        for stage in range(self.latency):
            later = self.events.valid if stage == self.latency - 1 else Signal(name=f"valid_{stage}")
            with m.If(advance):
                m.d.sync += later.eq(valid[-1])
            valid.append(later)
        m.d.comb += [advance.eq(~self.events.valid | self.events.ready), self.busy.eq(Cat(valid).any())]

        def later(value, cycles):
            return delay(m, value, cycles, advance)

        def product(value, constant, latency):
            return later(product_stages(m, value, constant, advance), latency - product_latency(constant))

        output = Signal(range(shape.outputs))
        column = Signal(range(shape.inputs))
        m.d.comb += [
            output.eq(product(later(self.random[16:], 1), shape.outputs, self._scale) >> 16),
            column.eq(product(later(self.random[:16], 1), shape.inputs, self._scale) >> 16),
        ]
        row = Signal(range(shape.counter_words))
        chunk, lane = (
            later(part, self._divide - division_latency(len(column), width))
            for part in division_stages(m, column, width, advance)
        )
        m.d.comb += row.eq(product(output, shape.row_chunks, self._divide))
        with m.If(advance):
            m.d.sync += [
                event.element.word.eq(row + chunk),
                event.element.lane.eq(lane),
                event.last.eq(later(self.last, self.latency - 1)),
            ]
        return m
