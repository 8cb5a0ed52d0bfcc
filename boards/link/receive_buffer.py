"""Bytes that wait between a serial line, which cannot be held, and whoever takes them."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.storage import block_memory

__all__ = ["ReceiveBuffer"]


class ReceiveBuffer(wiring.Component):
    """A queue of `depth` bytes (a power of two) in block RAM. A byte that finds it full is lost.

    A byte comes out three cycles after it went in, or two after the one before it was taken; a serial line is slower.
    The RAM's data go through a register: block RAM is slow to read.
    """

    def __init__(self, depth: int) -> None:
        self._depth = depth
        super().__init__({"received": In(stream.Signature(8, always_ready=True)), "bytes": Out(stream.Signature(8))})

    def elaborate(self, platform):
        m = Module()
        m.submodules.storage = storage = block_memory(8, self._depth)
        write, read = storage.write_port(), storage.read_port()
        there, here = Signal(range(2 * self._depth)), Signal(range(2 * self._depth))
        byte, valid, reading = Signal(8, reset_less=True), Signal(), Signal()
        full = there - here == Const(self._depth, len(there))
        start = (there != here) & ~valid & ~reading
        m.d.comb += [
            write.addr.eq(there),
            write.data.eq(self.received.payload),
            write.en.eq(self.received.valid & ~full),
            read.addr.eq(here),
            read.en.eq(start),
            self.bytes.payload.eq(byte),
            self.bytes.valid.eq(valid),
        ]
        m.d.sync += [there.eq(there + write.en), here.eq(here + start), reading.eq(start)]
        with m.If(reading):
            m.d.sync += [byte.eq(read.data), valid.eq(1)]
        with m.Elif(self.bytes.ready):
            m.d.sync += valid.eq(0)
        return m
