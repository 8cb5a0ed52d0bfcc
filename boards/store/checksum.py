"""CRC-32 of what a memory holds."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC
from amaranth.lib.wiring import In, Out

__all__ = ["WordChecksum"]

BITS = 2
"""That it takes a cycle: nobody waits for it, and so few need hardly any logic."""


class WordChecksum(wiring.Component):
    """CRC-32 (of zlib) over the bytes of `words`, the lowest first, since `start`. A word takes `width / 2` cycles."""

    def __init__(self, width: int) -> None:
        self._width = width
        super().__init__(
            {"start": In(1), "words": In(stream.Signature(width)), "idle": Out(1), "crc": Out(32)},
        )

    def elaborate(self, platform):
        m = Module()
        steps = self._width // BITS
        m.submodules.crc = crc = CRC32_ISO_HDLC(BITS).create()
        left, word = Signal(range(steps + 1)), Signal(self._width, reset_less=True)
        m.d.comb += [
            self.idle.eq(left == 0),
            self.words.ready.eq(self.idle),
            crc.start.eq(self.start),
            crc.valid.eq(~self.idle),
            crc.data.eq(word),
            self.crc.eq(crc.crc),
        ]
        with m.If(~self.idle):
            m.d.sync += [word.eq(word >> BITS), left.eq(left - 1)]
        with m.Elif(self.words.valid):
            m.d.sync += [word.eq(self.words.payload), left.eq(steps)]
        return m
