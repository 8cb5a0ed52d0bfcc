"""The inputs of all steps of some samples."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.data import ArrayLayout
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.storage import block_memory

__all__ = ["SeriesInputs"]


class SeriesInputs(wiring.Component):
    """`slots` samples of up to `steps` steps of `words` words of `width` bits.

    The samples are written one after the other, a word where `write` is high, the last of them where also `whole`; the
    next one goes to the next slot. A reader reads a step of the sample in `slot`: `data` follows `index` by a cycle;
    `next_step` goes on to that sample's next step, and with `done` leaves the sample, whose slot will hold another one.
    Nobody counts samples here.
    """

    def __init__(self, width: int, words: int, steps: int, slots: int) -> None:
        self._width = width
        self._words = words
        self._steps = steps
        self._slots = slots
        super().__init__(
            {
                "write": In(1),
                "written": In(width),
                "whole": In(1),
                "slot": In(range(slots)),
                "index": In(range(words)),
                "data": Out(width),
                "next_step": In(1),
                "done": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        size = self._words * self._steps
        depth = self._slots * size
        m.submodules.memory = memory = block_memory(self._width, depth)
        write, read = memory.write_port(), memory.read_port()
        m.d.comb += [
            write.en.eq(self.write),
            write.addr.eq(self._write_address(m, size, depth)),
            write.data.eq(self.written),
            read.en.eq(1),
            read.addr.eq(self._read_address(m, size, depth)),
            self.data.eq(read.data),
        ]
        return m

    def _write_address(self, m, size, depth):
        """Word after word, and after a whole sample on to the next slot, however short the sample was."""
        address, base = Signal(range(depth)), Signal(range(depth))
        following = Mux(base == depth - size, 0, base + size)
        with m.If(self.write):
            m.d.sync += address.eq(Mux(self.whole, following, address + 1))
            with m.If(self.whole):
                m.d.sync += base.eq(following)
        return address

    def _read_address(self, m, size, depth):
        """Each slot knows where its next step begins."""
        bases = [slot * size for slot in range(self._slots)]
        begins = Signal(ArrayLayout(range(depth), self._slots), init=bases)
        with m.If(self.next_step):
            for slot, base in enumerate(bases):
                with m.If(self.slot == slot):
                    m.d.sync += begins[slot].eq(Mux(self.done, base, begins[slot] + self._words))
        return begins[self.slot] + self.index
