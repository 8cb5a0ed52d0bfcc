"""Between a producer of activation bits and the array that consumes them at another width."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.layouts import chunk_layout, tag_layout
from bephw.shape import LayerShape, ceil_div

__all__ = ["ActivationBuffer"]


class ActivationBuffer(wiring.Component):
    """Assembles one activation vector while another is being used.

    Chunks of `width` bits come in, `ceil(inputs / width)` a vector. When the vector in use is released (or none
    is), the assembled one takes its place: `valid` rises, and `word` shows its first `columns` bits. `rotate` moves
    on to the next word; after as many as the vector has words, the first is back. `release`, in the cycle of a
    `rotate`, gives the vector up.

    Both registers shift by a fixed distance, so no width needs a multiplexer, and neither width has to divide
    anything.
    """

    def __init__(self, shape: LayerShape, width: int, classes: int) -> None:
        self._shape = shape
        self._width = width
        super().__init__(
            {
                "chunks": In(stream.Signature(chunk_layout(width, classes))),
                "valid": Out(1),
                "word": Out(shape.columns),
                "tag": Out(tag_layout(classes)),
                "rotate": In(1),
                "release": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, width, chunk = self._shape, self._width, self.chunks.payload
        assembled = Signal(ceil_div(shape.inputs, width) * width)
        assembled_tag = Signal.like(self.tag)
        full = Signal()
        current = Signal(shape.words * shape.columns)

        take_chunk = self.chunks.valid & self.chunks.ready
        hand_over = full & (~self.valid | self.release)

        m.d.comb += [self.chunks.ready.eq(~full), self.word.eq(current[: shape.columns])]
        with m.If(take_chunk):
            m.d.sync += [
                assembled.eq(Cat(assembled, chunk.data)[width:]),
                assembled_tag.eq(chunk.tag),
                full.eq(chunk.last),
            ]
        with m.If(self.rotate):
            m.d.sync += current.eq(current.rotate_right(shape.columns))
        with m.If(self.release):
            m.d.sync += self.valid.eq(0)
        with m.If(hand_over):
            m.d.sync += [
                current.eq(assembled[: shape.inputs]),
                self.tag.eq(assembled_tag),
                self.valid.eq(1),
                full.eq(0),
            ]
        return m
