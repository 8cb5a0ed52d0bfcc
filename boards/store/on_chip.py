"""The FPGA's own RAM as a store's memory."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from bephw.boards.store.memory_port import MemorySignature
from bephw.rtl_gen.parts.storage import block_memory, family

__all__ = ["OnChipMemory"]


class OnChipMemory(wiring.Component):
    """`depth` words of `width` bits in block RAM, or with `single_port` in UP5K's large RAM; runs of `run` words.

    Throughput: a word a cycle, without a gap between runs. Latency of the first word: 2 cycles, and one more on ECP5,
    whose block RAM is slow to read.
    """

    def __init__(self, width: int, depth: int, run: int, *, single_port: bool = False) -> None:
        self._width = width
        self._depth = depth
        self._run = run
        self._single_port = single_port
        super().__init__({"port": In(MemorySignature(width, depth))})

    def elaborate(self, platform):
        m = Module()
        port, request = self.port, self.port.requests.payload
        m.submodules.memory = memory = block_memory(self._width, self._depth, huge=self._single_port)
        write, read = memory.write_port(), memory.read_port()
        address, left = Signal(range(self._depth)), Signal(range(self._run))
        running, writing = Signal(), Signal()
        moved, next_request, free = Signal(), Signal(), Signal()
        m.d.comb += [
            port.written.ready.eq(running & writing),
            write.addr.eq(address),
            write.data.eq(port.written.payload),
            write.en.eq(port.written.ready & port.written.valid),
            read.addr.eq(address),
            read.en.eq(running & ~writing & free),
            moved.eq(write.en | read.en),
            port.requests.ready.eq(~running | (moved & (left == 0))),
            next_request.eq(port.requests.valid & port.requests.ready),
        ]
        with m.If(moved):
            m.d.sync += [address.eq(address + 1), left.eq(left - 1)]
            with m.If(left == 0):
                m.d.sync += running.eq(0)
        with m.If(next_request):
            m.d.sync += [
                address.eq(request.address),
                writing.eq(request.write),
                left.eq(self._run - 1),
                running.eq(1),
            ]
        self._give_out(m, read, free, registered=family(platform) != "ice40")
        return m

    def _give_out(self, m, read, free, *, registered):
        """A word stays in the memory's own register, or with `registered` in another behind it, until it is taken."""
        out, loaded, goes = self.port.read, Signal(), Signal()
        if registered:
            m.d.comb += goes.eq(~out.valid | out.ready)
            with m.If(goes):
                m.d.sync += [out.valid.eq(loaded), out.payload.eq(read.data)]
        else:
            m.d.comb += [goes.eq(out.ready), out.valid.eq(loaded), out.payload.eq(read.data)]
        m.d.comb += free.eq(~loaded | goes)
        with m.If(free):
            m.d.sync += loaded.eq(read.en)
