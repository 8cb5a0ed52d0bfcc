"""A memory of what is kept of the samples in flight."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from bephw.rtl_gen.parts.storage import block_memory
from bephw.rtl_gen.samples.reader import ReaderSignature

__all__ = ["RecordMemory"]


class RecordMemory(wiring.Component):
    """`words` words of `shape`. The writer and the readers say by the index which record they mean (in a cell, where
    samples take turns, by `record_index`); `done` of a reader does nothing here.

    `block` asks for block RAM; else it is whatever synthesis finds cheapest.
    """

    def __init__(self, shape, words: int, readers: int, *, block: bool = True) -> None:
        self._shape = shape
        self._words = words
        self._readers = readers
        self._block = block
        super().__init__(
            {
                "write": In(1),
                "index": In(range(words)),
                "data": In(shape),
                **{f"reader_{number}": In(ReaderSignature(shape, words)) for number in range(readers)},
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = block_memory(self._shape, self._words, block=self._block)
        write = memory.write_port()
        m.d.comb += [write.en.eq(self.write), write.addr.eq(self.index), write.data.eq(self.data)]
        for number in range(self._readers):
            reader, read = getattr(self, f"reader_{number}"), memory.read_port()
            m.d.comb += [read.en.eq(reader.read), read.addr.eq(reader.index), reader.data.eq(read.data)]
        return m
