"""What a layer keeps of each sample in flight."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from bephw.rtl_gen.parts.arithmetic import next_index
from bephw.rtl_gen.parts.storage import RamForm
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.rtl_gen.samples.record_memory import RecordMemory

__all__ = ["SampleMemory"]


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
        m.submodules.records = records = RecordMemory(self._shape, form.depth, self._readers, block=form.block)

        def slot(name, advance):
            current = Signal(range(self._slots), name=name)
            with m.If(advance):
                m.d.sync += current.eq(next_index(current, self._slots))
            return current

        m.d.comb += [
            records.write.eq(self.write),
            records.index.eq(Cat(self.index, slot("write_slot", self.written))),
            records.data.eq(self.data),
        ]
        for number in range(self._readers):
            reader, record = getattr(self, f"reader_{number}"), getattr(records, f"reader_{number}")
            m.d.comb += [
                record.index.eq(Cat(reader.index, slot(f"slot_{number}", reader.done))),
                record.read.eq(reader.read),
                reader.data.eq(record.data),
            ]
        return m
