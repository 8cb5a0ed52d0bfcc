"""A queue whose output is a register."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import next_index
from bephw.rtl_gen.parts.storage import RamForm, block_memory

__all__ = ["BufferedQueue"]


class BufferedQueue(wiring.Component):
    """`depth` entries of `width` bits, the oldest of which is shown (`r_data`, while `r_rdy`) by a memory's register.

    `r_en` takes it, `w_en` puts an entry in; `level` counts those in here. Nobody asks here whether there is room.

    Latency: 2 cycles from `w_en` to `r_rdy`. Throughput: an entry a cycle. As `amaranth.lib.fifo.SyncFIFOBuffered`, but
    on a memory from which synthesis need not forward what is being written: that is never read in the same cycle.
    """

    def __init__(self, width: int, depth: int) -> None:
        self._width = width
        self._depth = depth
        super().__init__(
            {
                "w_en": In(1),
                "w_data": In(width),
                "r_rdy": Out(1),
                "r_data": Out(width),
                "r_en": In(1),
                "level": Out(range(depth + 1)),
            }
        )

    @staticmethod
    def ram(width: int, depth: int) -> RamForm:
        """Its memory, for all entries but the one that is shown."""
        return RamForm(width, depth - 1)

    def elaborate(self, platform):
        m = Module()
        form = self.ram(self._width, self._depth)
        behind = form.depth
        m.submodules.memory = memory = block_memory(form.width, form.depth, block=form.block)
        write, read = memory.write_port(), memory.read_port()
        waiting, fetch = Signal(range(self._depth)), Signal()
        with m.If(self.w_en):
            m.d.sync += write.addr.eq(next_index(write.addr, behind))
        with m.If(fetch):
            m.d.sync += [read.addr.eq(next_index(read.addr, behind)), self.r_rdy.eq(1)]
        with m.Elif(self.r_en):
            m.d.sync += self.r_rdy.eq(0)
        m.d.comb += [
            fetch.eq((waiting != 0) & (~self.r_rdy | self.r_en)),
            self.level.eq(waiting + self.r_rdy),
            write.en.eq(self.w_en),
            write.data.eq(self.w_data),
            read.en.eq(fetch),
            self.r_data.eq(read.data),
        ]
        m.d.sync += waiting.eq(waiting + self.w_en - fetch)
        return m
