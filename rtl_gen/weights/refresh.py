"""The sweep that brings the live plane up to the counters, a row at a time, in the background."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import cleared_by
from bephw.rtl_gen.parts.layouts import winner_layout
from bephw.shape import LayerShape

__all__ = ["Refresh"]


class Refresh(wiring.Component):
    """After power-up and after each `restart`, offers every row of the layer once, in order; then `done` is high.

    Updates write their own signs to the live plane, so a row that changes after its turn stays right. During
    `restart`, which may replace a row on offer, nobody may take one.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        super().__init__({"restart": In(1), "rows": Out(stream.Signature(winner_layout(shape))), "done": Out(1)})

    def elaborate(self, platform):
        m = Module()
        shape, row = self._shape, self.rows.payload.row
        group, bank = (Signal(part.shape(), reset_less=True) for part in (row.group, row.bank))
        taken, last_bank = Signal(), Signal()
        m.d.comb += [
            self.rows.valid.eq(~self.done),
            self.rows.payload.present.eq(1),
            row.eq(Cat(group, bank)),
            taken.eq(self.rows.valid & self.rows.ready),
            last_bank.eq(bank == shape.rows - 1),
        ]
        last_group, banks_left = divmod(shape.outputs - 1, shape.rows)
        with m.If(taken):
            m.d.sync += [bank.eq(bank + 1), self.done.eq((group == last_group) & (bank == banks_left))]
            with m.If(last_bank):
                m.d.sync += group.eq(group + 1)
        with m.If(self.restart):
            m.d.sync += self.done.eq(0)
        with m.If(cleared_by(self.restart | (taken & last_bank))):
            m.d.sync += bank.eq(0)
        with m.If(cleared_by(self.restart)):
            m.d.sync += group.eq(0)
        return m
