"""Row-major walk over the counters of a layer, one at a time: the order of state transfers."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.shape import LayerShape

__all__ = ["ElementWalk"]


class ElementWalk(wiring.Component):
    """Visits every lane of every counter word in order, from the first, and after the `last` the first again.

    `word`: where it is; `word_ends`: at the word's last lane; `padding`: at a lane that holds no counter. Each
    `advance` moves on to the next lane. Everything but `word` comes out of a register, and so is right a cycle later:
    no two cycles may `advance` one after the other.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        super().__init__(
            {
                "advance": In(1),
                "word": Out(range(shape.counter_words)),
                "word_ends": Out(1, init=shape.update_columns == 1),
                "padding": Out(1),
                "last": Out(1, init=shape.update_columns == shape.counter_words == 1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        lanes, columns = shape.update_columns, shape.row_chunks * shape.update_columns
        lane, last_word = Signal(range(lanes)), Signal(init=shape.counter_words == 1)
        m.d.sync += [
            self.word_ends.eq(lane == lanes - 1),
            last_word.eq(self.word == shape.counter_words - 1),
            self.last.eq((lane == lanes - 1) & (self.word == shape.counter_words - 1)),
        ]
        with m.If(self.advance):
            m.d.sync += lane.eq(Mux(self.word_ends, 0, lane + 1))
            with m.If(self.word_ends):
                m.d.sync += self.word.eq(Mux(last_word, 0, self.word + 1))
        if columns > shape.inputs:
            self._find_padding(m, columns)
        return m

    def _find_padding(self, m, columns):
        """Follow the lanes of a row; where no row has padding, nobody has to know."""
        column, row_ends = Signal(range(columns)), Signal(init=columns == 1)
        m.d.sync += [row_ends.eq(column == columns - 1), self.padding.eq(column >= self._shape.inputs)]
        with m.If(self.advance):
            m.d.sync += column.eq(Mux(row_ends, 0, column + 1))
