"""The outcomes of a cell's steps, until the winner search has seen them."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In

from bephw.rtl_gen.backward.outcome_memory import keep, kept_layout, show
from bephw.rtl_gen.parts.layouts import outcome_layout, record_words
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.rtl_gen.samples.record_memory import RecordMemory
from bephw.shape import LayerShape

__all__ = ["OutcomeRecords"]


class OutcomeRecords(wiring.Component):
    """`OutcomeMemory` for a cell: those of all steps of all samples, by `record_index`.

    Of an output and a step `z_bits` + 1 bits are kept: its sign, whether its gate is open, and |z| without its lowest
    bit, which is that of the number of inputs.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        outcomes, words = data.ArrayLayout(outcome_layout(shape), shape.scan), record_words(shape, shape.scan_beats)
        super().__init__(
            {
                "write": In(1),
                "index": In(range(words)),
                "data": In(outcomes),
                "reader": In(ReaderSignature(outcomes, words)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        layout = data.ArrayLayout(kept_layout(shape, gated=True), shape.scan)
        m.submodules.records = memory = RecordMemory(layout, record_words(shape, shape.scan_beats), 1)
        m.d.comb += [
            memory.write.eq(self.write),
            memory.index.eq(self.index),
            memory.reader_0.index.eq(self.reader.index),
            memory.reader_0.read.eq(self.reader.read),
        ]
        for place in range(shape.scan):
            m.d.comb += [
                *keep(memory.data[place], self.data[place]),
                *show(self.reader.data[place], memory.reader_0.data[place], shape),
            ]
        return m
