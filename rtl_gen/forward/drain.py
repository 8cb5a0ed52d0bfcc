"""From a row group's sums, all at once, to beats of a few outputs."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.shape import LayerShape

__all__ = ["Drain", "sums_layout"]


def sums_layout(shape: LayerShape) -> data.StructLayout:
    """z of a beat of outputs; `last` of the sample."""
    return data.StructLayout({"valid": 1, "z": data.ArrayLayout(signed(shape.z_bits + 1), shape.scan), "last": 1})


@emitted_once
class Drain(wiring.Component):
    """Takes the number of matches of `rows` outputs in the cycle in which `load` is high, and sends
    z_j = 2 * matches - K_in (numerics.md section 2) in beats of `shape.scan` outputs, from the next cycle on, one a
    cycle.

    The last row group of a sample (`final`) has only as many beats as outputs are left. Loads must be as far apart as
    the beats of a row group are many.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        super().__init__(
            {
                "load": In(1),
                "final": In(1),
                "matches": In(data.ArrayLayout(range(shape.inputs + 1), shape.rows)),
                "sums": Out(sums_layout(shape)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, scan, beats = self._shape, self._shape.scan, self._shape.beats
        width = shape.z_bits
        held, left, final = Signal(beats * scan * width, reset_less=True), Signal(range(beats + 1)), Signal()
        m.d.comb += [
            self.sums.valid.eq(left != 0),
            self.sums.last.eq(final & (left == 1)),
            *(self.sums.z[index].eq((held.word_select(index, width) << 1) - shape.inputs) for index in range(scan)),
        ]
        with m.If(self.load):
            m.d.sync += [
                held.eq(self.matches.as_value()),
                left.eq(Mux(self.final, shape.last_beats, beats)),
                final.eq(self.final),
            ]
        with m.Elif(left != 0):
            m.d.sync += left.eq(left - 1)
            if beats > 1:
                m.d.sync += held.eq(held >> (scan * width))
        return m
