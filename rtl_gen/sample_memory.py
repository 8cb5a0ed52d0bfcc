"""What a layer keeps of each sample in flight."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import next_index

__all__ = ["SampleMemory"]


class SampleMemory(wiring.Component):
    """`slots` records of `words` words of `shape`, written and read in sample order.

    The writer fills the words of its record in any order and then pulses `written`; each reader r reads word
    `index_r` of its own record (`data_r` follows by a cycle where `read_r` is high) and pulses `done_r` to go on to
    the next. Nobody counts records here: who starts a sample makes sure that a slot is free.
    """

    def __init__(self, shape, words: int, slots: int, readers: int) -> None:
        self._words = words
        self._slots = slots
        self._readers = readers
        self._shape = shape
        members = {"write": In(1), "index": In(range(words)), "data": In(shape), "written": In(1)}
        for reader in range(readers):
            members |= {
                f"read_{reader}": In(1),
                f"index_{reader}": In(range(words)),
                f"data_{reader}": Out(shape),
                f"done_{reader}": In(1),
            }
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        index_bits = (self._words - 1).bit_length()
        m.submodules.memory = memory = Memory(shape=self._shape, depth=self._slots << index_bits, init=[])

        def slot(name, advance):
            current = Signal(range(self._slots), name=name)
            with m.If(advance):
                m.d.sync += current.eq(next_index(current, self._slots))
            return current

        write = memory.write_port()
        m.d.comb += [
            write.en.eq(self.write),
            write.addr.eq(Cat(self.index, slot("write_slot", self.written))),
            write.data.eq(self.data),
        ]
        for reader in range(self._readers):
            read = memory.read_port()
            m.d.comb += [
                read.en.eq(getattr(self, f"read_{reader}")),
                read.addr.eq(
                    Cat(getattr(self, f"index_{reader}"), slot(f"slot_{reader}", getattr(self, f"done_{reader}")))
                ),
                getattr(self, f"data_{reader}").eq(read.data),
            ]
        return m
