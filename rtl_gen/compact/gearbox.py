"""From chunks of one width to words of another."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import next_index
from bephw.rtl_gen.compact.layouts import chunk_layout
from bephw.shape import ceil_div

__all__ = ["Gearbox"]


class Gearbox(wiring.Component):
    """Repacks vectors of `length` bits, lowest bit first, from chunks of `width` bits into words of `columns` bits.

    A vector is `ceil(length / width)` chunks in, the last marked, and `ceil(length / columns)` words out, the last
    marked; the bits beyond `length` in it are undefined. The tag of the last chunk leaves with the last word.

    Where `width` divides `columns` it holds one word; a word takes one cycle more than its chunks. Otherwise it
    holds the vector, and takes no chunk of the next while the words leave, one a cycle.
    """

    def __init__(self, length: int, width: int, columns: int, classes: int) -> None:
        self._length = length
        self._width = width
        self._columns = columns
        super().__init__(
            {
                "chunks": In(stream.Signature(chunk_layout(width, classes))),
                "words": Out(stream.Signature(chunk_layout(columns, classes))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        full, word = Signal(), Signal(range(ceil_div(self._length, self._columns)))
        take, give = Signal(), Signal()
        m.d.comb += [
            self.chunks.ready.eq(~full),
            self.words.valid.eq(full),
            take.eq(self.chunks.valid & self.chunks.ready),
            give.eq(self.words.valid & self.words.ready),
            self.words.payload.last.eq(word == ceil_div(self._length, self._columns) - 1),
        ]
        with m.If(take):
            m.d.sync += self.words.payload.tag.eq(self.chunks.payload.tag)
        with m.If(give):
            m.d.sync += word.eq(Mux(self.words.payload.last, 0, word + 1))
        if self._columns % self._width == 0:
            self._hold_word(m, take, give, full)
        else:
            self._hold_vector(m, take, give, full)
        return m

    def _hold_word(self, m, take, give, full):
        """Each chunk has its place in the word: no multiplexers."""
        places = self._columns // self._width
        place = Signal(range(places))
        word = self.words.payload.data
        with m.If(take):
            for index in range(places):
                with m.If(place == index):
                    m.d.sync += word[index * self._width : (index + 1) * self._width].eq(self.chunks.payload.data)
            m.d.sync += [
                place.eq(Mux(self.chunks.payload.last, 0, next_index(place, places))),
                full.eq(self.chunks.payload.last | (place == places - 1)),
            ]
        with m.If(give):
            m.d.sync += full.eq(0)

    def _hold_vector(self, m, take, give, full):
        """Shift in by one width, out by the other."""
        vector = Signal(ceil_div(self._length, self._width) * self._width)
        m.d.comb += self.words.payload.data.eq(vector[: self._columns])
        with m.If(take):
            m.d.sync += [
                vector.eq(Cat(vector, self.chunks.payload.data)[self._width :]),
                full.eq(self.chunks.payload.last),
            ]
        with m.If(give):
            m.d.sync += vector.eq(vector >> self._columns)
            with m.If(self.words.payload.last):
                m.d.sync += full.eq(0)
