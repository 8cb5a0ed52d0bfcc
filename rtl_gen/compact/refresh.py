"""The sweep that brings the live plane up to the counters, a row at a time, in the background."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import next_index
from bephw.rtl_gen.compact.layouts import winner_layout
from bephw.shape import LayerShape

__all__ = ["Refresh"]


class Refresh(wiring.Component):
    """After power-up and after each `restart`, offers every row of the layer once, in order; then `done` is high.

    Updates write their own signs to the live plane, so a row that changes after its turn stays right.
    `restart` replaces a row on offer: `rows` must be read by one who does not mind.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        super().__init__({"restart": In(1), "rows": Out(stream.Signature(winner_layout(shape))), "done": Out(1)})

    def elaborate(self, platform):
        m = Module()
        shape, row = self._shape, self.rows.payload.row
        output = Signal(range(shape.outputs + 1))
        m.d.comb += [self.done.eq(output == shape.outputs), self.rows.valid.eq(~self.done)]
        with m.If(self.rows.valid & self.rows.ready):
            m.d.sync += [output.eq(output + 1), row.bank.eq(next_index(row.bank, shape.rows))]
            with m.If(row.bank == shape.rows - 1):
                m.d.sync += row.group.eq(row.group + 1)
        with m.If(self.restart):
            m.d.sync += [output.eq(0), row.eq(0)]
        return m
