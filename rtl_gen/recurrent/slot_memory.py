"""What a cell keeps of each sample in flight."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from bephw.rtl_gen.parts.storage import RamForm, block_memory
from bephw.rtl_gen.samples.sample_memory import ReaderSignature

__all__ = ["SlotMemory"]


class SlotMemory(wiring.Component):
    """`slots` records of `words` words of `shape`, which begin at powers of two: a `SampleMemory` whose writer and
    readers say themselves which record they mean, for samples take turns in a cell.

    `done` of a reader does nothing here. `block` asks for block RAM; else it is whatever synthesis finds cheapest.
    """

    def __init__(self, shape, words: int, slots: int, readers: int, *, block: bool = True) -> None:
        self._shape = shape
        self._form = self.ram(Shape.cast(shape).width, words, slots, block=block)
        self._readers = readers
        slot = range(slots)
        super().__init__(
            {
                "write": In(1),
                "slot": In(slot),
                "index": In(range(words)),
                "data": In(shape),
                **{f"reader_{number}": In(ReaderSignature(shape, words)) for number in range(readers)},
                **{f"slot_{number}": In(slot) for number in range(readers)},
            }
        )

    @staticmethod
    def ram(width: int, words: int, slots: int, *, block: bool = True) -> RamForm:
        """Its memory, a read port a reader."""
        return RamForm(width, slots << (words - 1).bit_length(), block=block)

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = block_memory(self._shape, self._form.depth, block=self._form.block)
        write = memory.write_port()
        m.d.comb += [write.en.eq(self.write), write.addr.eq(Cat(self.index, self.slot)), write.data.eq(self.data)]
        for number in range(self._readers):
            reader, read = getattr(self, f"reader_{number}"), memory.read_port()
            m.d.comb += [
                read.en.eq(reader.read),
                read.addr.eq(Cat(reader.index, getattr(self, f"slot_{number}"))),
                reader.data.eq(read.data),
            ]
        return m
