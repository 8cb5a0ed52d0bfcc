"""Row-major walk over the counters of a layer, one at a time: the order of state transfers."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import next_index
from bephw.shape import LayerShape

__all__ = ["ElementWalk"]


class ElementWalk(wiring.Component):
    """Visits every lane of every counter word in order, from the first, and after the `last` the first again.

    `word`: where it is; `word_ends`: at the word's last lane; `padding`: at a lane that holds no counter. Each
    `advance` moves on to the next lane.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        super().__init__(
            {
                "advance": In(1),
                "word": Out(range(shape.counter_words)),
                "word_ends": Out(1),
                "padding": Out(1),
                "last": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        lane, column = Signal(range(shape.update_columns)), Signal(range(shape.row_chunks * shape.update_columns))
        row_ends = column == shape.row_chunks * shape.update_columns - 1
        m.d.comb += [
            self.word_ends.eq(lane == shape.update_columns - 1),
            self.padding.eq(column >= shape.inputs),
            self.last.eq(self.word_ends & (self.word == shape.counter_words - 1)),
        ]
        with m.If(self.advance):
            m.d.sync += [lane.eq(next_index(lane, shape.update_columns)), column.eq(Mux(row_ends, 0, column + 1))]
            with m.If(self.word_ends):
                m.d.sync += self.word.eq(next_index(self.word, shape.counter_words))
        return m
