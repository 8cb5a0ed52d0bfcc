"""Bytes of a sample to words of the trainer's stream, of any width."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.shape import ceil_div

__all__ = ["SampleWords"]


class SampleWords(wiring.Component):
    """Cuts `inputs` bits, which arrive in bytes, into words of `width` bits, one bit a cycle.

    A serial line brings a byte in ten bit times of four clocks or more, so a bit a cycle never holds it up. The last
    byte's and the last word's surplus bits are dropped and zero. After the last word the next byte starts a new
    sample; `last` marks that word.
    """

    def __init__(self, inputs: int, width: int) -> None:
        self._inputs = inputs
        self._width = width
        super().__init__(
            {"bytes": In(stream.Signature(8)), "words": Out(stream.Signature(width)), "last": Out(1)},
        )

    def elaborate(self, platform):
        m = Module()
        total = ceil_div(self._inputs, self._width) * self._width
        byte, here = Signal(8), Signal(range(9))
        filled = Signal(range(self._width + 1))
        position = Signal(range(total + 1))
        word = Signal(self._width)
        # Comparisons with the position, a cycle ahead: true of the position that is reached.
        full, padding, last = filled == self._width, Signal(), Signal()
        m.d.comb += [
            self.words.payload.eq(word),
            self.words.valid.eq(full),
            self.last.eq(last),
            # Also free when only surplus bits are left: they belong to no sample.
            self.bytes.ready.eq((here == 0) & ~full & ~padding),
        ]
        with m.If(self.bytes.valid & self.bytes.ready):
            m.d.sync += [byte.eq(self.bytes.payload), here.eq(8)]
        with m.If(full), m.If(self.words.ready):
            m.d.sync += filled.eq(0)
            with m.If(self.last):
                m.d.sync += [position.eq(0), padding.eq(0), last.eq(0), here.eq(0)]
        with m.Elif(padding | (here != 0)):
            m.d.sync += [
                word.eq(Cat(word, byte[0] & ~padding)[1:]),
                byte.eq(byte >> 1),
                filled.eq(filled + 1),
                position.eq(position + 1),
                padding.eq(position >= self._inputs - 1),
                last.eq(position == total - 1),
            ]
            with m.If(~padding):
                m.d.sync += here.eq(here - 1)
        return m
