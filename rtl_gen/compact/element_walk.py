"""Row-major walk over the counters of a layer, one at a time: the order of state transfers."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import next_index
from bephw.rtl_gen.compact.layouts import element_layout
from bephw.shape import LayerShape

__all__ = ["ElementWalk"]


class ElementWalk(wiring.Component):
    """`element` is the place of counter [0, 0]; each `advance` moves to the next one, row by row, and after the last,
    which `last` marks, back to the first.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        super().__init__({"advance": In(1), "element": Out(element_layout(shape)), "last": Out(1)})

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        lane, word = self.element.lane, self.element.word
        column, output = Signal(range(shape.inputs)), Signal(range(shape.outputs))
        row_ends = column == shape.inputs - 1
        # A row's last plane word may hold counter words that are nothing but padding.
        padding = shape.row_chunks - 1 - (shape.inputs - 1) // shape.update_columns
        m.d.comb += self.last.eq(row_ends & (output == shape.outputs - 1))
        with m.If(self.advance):
            m.d.sync += [column.eq(next_index(column, shape.inputs)), lane.eq(next_index(lane, shape.update_columns))]
            with m.If(row_ends):
                m.d.sync += [
                    lane.eq(0),
                    output.eq(next_index(output, shape.outputs)),
                    word.eq(Mux(self.last, 0, word + 1 + padding)),
                ]
            with m.Elif(lane == shape.update_columns - 1):
                m.d.sync += word.eq(word + 1)
        return m
