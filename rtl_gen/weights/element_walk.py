"""Row-major walk over the counters of a layer, one at a time: the order of state transfers."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import count_up
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
        shape, lanes = self._shape, self._shape.update_columns
        lane, word = Signal(range(lanes), reset_less=True), Signal(range(shape.counter_words), reset_less=True)
        last_word, next_word = Signal(init=shape.counter_words == 1), Signal()
        m.d.comb += [self.word.eq(word), next_word.eq(self.advance & self.word_ends)]
        m.d.sync += [
            self.word_ends.eq(lane == lanes - 1),
            last_word.eq(word == shape.counter_words - 1),
            self.last.eq((lane == lanes - 1) & (word == shape.counter_words - 1)),
        ]
        count_up(m, lane, self.advance, self.word_ends)
        count_up(m, word, next_word, last_word)
        if shape.row_chunks * lanes > shape.inputs:
            self._find_padding(m, lane, next_word)
        return m

    def _find_padding(self, m, lane, next_word):
        """Behind a row's inputs; where no row has padding, nobody has to know."""
        shape, chunk, row_ends = self._shape, Signal(range(self._shape.row_chunks), reset_less=True), Signal()
        full, used = divmod(shape.inputs, shape.update_columns)
        m.d.comb += row_ends.eq(chunk == shape.row_chunks - 1)
        behind = (chunk == full) & (lane >= used)
        # Lint warns of a comparison that no value of `chunk` can meet.
        m.d.sync += self.padding.eq((chunk > full) | behind if full < 2 ** len(chunk) - 1 else behind)
        count_up(m, chunk, next_word, row_ends)
