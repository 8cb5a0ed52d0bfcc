"""Reinforcement: a few random counters, or bursts of them, step away from zero after every sample."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import exact_log2

from bephw.rtl_gen.parts.arithmetic import delay, xorshift32
from bephw.rtl_gen.parts.constant_division import division_latency, division_stages
from bephw.rtl_gen.parts.constant_product import multipliers, product_latency, product_stages
from bephw.rtl_gen.parts.layouts import element_layout
from bephw.shape import LayerShape

__all__ = ["Reinforcement", "event_layout"]


def event_layout(shape: LayerShape) -> data.StructLayout:
    """Counters of a word that step away from zero; `last` of their sample."""
    return data.StructLayout({"element": element_layout(shape), "last": 1})


class Reinforcement(wiring.Component):
    """Rate accumulator, xorshift32 generator and the choice of a place (numerics.md sections 5 and 8).

    `start`, while not `busy`, adds `rate` to the accumulator; `events` then carries one place for each whole unit: that
    of a counter or, of a burst, of its part in each of its words, one after the other. `busy` from the next cycle until
    the last is taken; for 1 cycle, if there are none. `generator` and `accumulator` may be set by `*_set`, while not
    busy.

    Latency: `latency(shape)` cycles from `start` to the first event. Throughput: one word a cycle.
    """

    def __init__(self, shape: LayerShape, seed: int, accumulator: int = 0) -> None:
        self._shape = shape
        super().__init__(
            {
                "rate": In(32),
                "start": In(1),
                "busy": Out(1),
                "events": Out(stream.Signature(event_layout(shape))),
                "set_data": In(32),
                "generator": Out(32, init=seed),
                "generator_set": In(1),
                "accumulator": Out(16, init=accumulator),
                "accumulator_set": In(1),
            }
        )

    @staticmethod
    def latency(shape: LayerShape) -> int:
        """Cycles: the sum, the generator's next state, the arithmetic, and a register."""
        return 3 + _scaling(shape) + _dividing(shape)

    def elaborate(self, platform):
        m = Module()
        draw, moves, valid = Signal(), Signal(), Signal(self.latency(self._shape) - 2)
        none = self._count(m, draw)
        further = Signal(self._shape.burst_words - 1)  # bit i: what is in the last place has more than i words to come
        last, taken = self.events.payload.last, self.events.ready
        if len(further):
            last, taken = Signal(), taken & ~further[0]
            m.d.comb += self.events.payload.last.eq(last & ~further[0])
        m.d.comb += [
            # All that are on their way move together, whenever the last place is free.
            moves.eq(~self.events.valid | taken),
            draw.eq(~none & moves),
        ]
        with m.If(draw):
            m.d.sync += self.generator.eq(xorshift32(self.generator))
        with m.If(self.generator_set):
            m.d.sync += self.generator.eq(self.set_data)
        with m.If(moves):
            m.d.sync += Cat(valid, self.events.valid).eq(Cat(draw, valid))
        with m.If(self.start):
            m.d.sync += self.busy.eq(1)
        with m.Elif(none & ~valid.any() & moves):
            m.d.sync += self.busy.eq(0)
        self._place(m, moves, further, multiplies=2 * (self._shape.index + 1) <= multipliers(platform))
        # `last` follows from what was on its way when the event came up: a register, as it decides much else at once.
        with m.If(moves):
            m.d.sync += last.eq(none & ~valid[:-1].any())
        return m

    def _count(self, m, draw):
        """How many events are still to be drawn; returns whether there are none. At a start there are."""
        number, low = Signal(17), Signal(17)
        more = Mux(self.start, self.rate[16:] | C(0, 17), C(-1, 17))
        m.d.comb += low.eq(self.accumulator + self.rate[:16])
        with m.If(self.start):
            m.d.sync += self.accumulator.eq(low)
        with m.If(self.accumulator_set):
            m.d.sync += self.accumulator.eq(self.set_data)
        with m.If(self.start | draw):
            m.d.sync += number.eq(number + more + (self.start & low[16]))
        return ~number.any()

    def _place(self, m, moves, further, *, multiplies):
        """From the generator's state to the place of a counter, or of one word of a burst after the other. The first
        layers have a chip's multipliers, two each."""
        shape, element = self._shape, self.events.payload.element
        output, column, row = Signal(range(shape.outputs)), Signal(range(shape.inputs)), Signal.like(element.word)

        def product(value, constant, latency, multiplies=False):
            product = product_stages(m, value, constant, moves, multiplies=multiplies)
            return delay(m, product, latency - product_latency(constant), moves)

        m.d.comb += [
            output.eq(product(self.generator[16:], shape.outputs, _scaling(shape), multiplies) >> 16),
            column.eq(product(self.generator[:16], shape.inputs, _scaling(shape), multiplies) >> 16),
            row.eq(product(output, shape.row_chunks, _dividing(shape))),
        ]
        rest, inside = _dividing(shape) - division_latency(len(column), shape.update_columns), exact_log2(shape.burst)
        begin = Cat(C(0, inside), column[inside:])[: len(column)]
        chunk, lane = (delay(m, part, rest, moves) for part in division_stages(m, begin, shape.update_columns, moves))
        with m.If(moves):
            m.d.sync += [element.word.eq(row + chunk), element.lane.eq(lane)]
        if not len(further):
            return
        # A row's last burst may be cut short.
        ends_row = delay(m, column[inside:] == (shape.inputs - 1) >> inside, _dividing(shape), moves)
        until_end = (1 << (len(shape.burst_chunks(shape.inputs - 1)) - 1)) - 1
        in_full = Cat(lane + shape.burst > word * shape.update_columns for word in range(1, shape.burst_words))
        with m.If(moves):
            m.d.sync += further.eq(Mux(ends_row, until_end, in_full))
        with m.Elif(self.events.ready):
            m.d.sync += [
                further.eq(further >> 1),
                element.word.eq(element.word + 1),
                element.lane.eq(element.lane - shape.update_columns),
            ]


def _scaling(shape: LayerShape) -> int:
    """Cycles from the generator's state to a row and a column."""
    return max(product_latency(shape.outputs), product_latency(shape.inputs))


def _dividing(shape: LayerShape) -> int:
    """Cycles from those to a word in its row and a lane, and to the row's first word."""
    column_bits = (shape.inputs - 1).bit_length()
    return max(division_latency(column_bits, shape.update_columns), product_latency(shape.row_chunks))
