"""What a layer keeps of each sample in flight."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import next_index
from bephw.rtl_gen.parts.storage import RamForm, block_memory

__all__ = ["ReaderSignature", "SampleMemory"]


class ReaderSignature(wiring.Signature):
    """Read access to a sample's record, seen from the reader.

    `data` follows `index` by a cycle, where `read` is high; `done` goes on to the next sample.
    """

    def __init__(self, shape, words: int) -> None:
        super().__init__({"index": Out(range(words)), "read": Out(1), "data": In(shape), "done": Out(1)})


class SampleMemory(wiring.Component):
    """`slots` records of `words` words of `shape`, written and read in sample order.

    The writer fills the words of its record in any order and then pulses `written`; each reader walks through the
    records at its own pace. Nobody counts records here: who starts a sample makes sure that a slot is free.

    `block` asks for block RAM; else it is whatever synthesis finds cheapest.
    """

    def __init__(self, shape, words: int, slots: int, readers: int, *, block: bool = True) -> None:
        self._shape = shape
        self._words = words
        self._slots = slots
        self._readers = readers
        self._block = block
        super().__init__(
            {
                "write": In(1),
                "index": In(range(words)),
                "data": In(shape),
                "written": In(1),
                **{f"reader_{index}": In(ReaderSignature(shape, words)) for index in range(readers)},
            }
        )

    @staticmethod
    def ram(width: int, words: int, slots: int, *, block: bool = True) -> RamForm:
        """Its memory, a read port a reader: records begin at powers of two."""
        return RamForm(width, slots << (words - 1).bit_length(), block=block)

    def elaborate(self, platform):
        m = Module()
        form = self.ram(Shape.cast(self._shape).width, self._words, self._slots, block=self._block)
        m.submodules.memory = memory = block_memory(self._shape, form.depth, block=form.block)

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
        for number in range(self._readers):
            reader, read = getattr(self, f"reader_{number}"), memory.read_port()
            m.d.comb += [
                read.en.eq(reader.read),
                read.addr.eq(Cat(reader.index, slot(f"slot_{number}", reader.done))),
                reader.data.eq(read.data),
            ]
        return m
