"""From z to what a layer passes on, and what it keeps for learning."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.compact.layouts import outcome_layout, tag_layout
from bephw.rtl_gen.compact.thresholds import ThresholdMemory, threshold_width
from bephw.shape import LayerShape

__all__ = ["Activation", "outcomes_layout", "sums_layout"]


def sums_layout(shape: LayerShape, classes: int) -> data.StructLayout:
    """z of one row group."""
    return data.StructLayout(
        {
            "z": data.ArrayLayout(signed(shape.z_bits + 1), shape.rows),
            "final": 1,
            "tag": tag_layout(classes),
        }
    )


def outcomes_layout(shape: LayerShape, classes: int) -> data.StructLayout:
    """Outcomes of one row group."""
    return data.StructLayout(
        {"rows": data.ArrayLayout(outcome_layout(shape), shape.rows), "final": 1, "tag": tag_layout(classes)}
    )


class Activation(wiring.Component):
    """For every output: a = (z >= 0), |z|, and the gate |z| <= G (numerics.md sections 2 and 4).

    With `thresholds`, one for every output, a = (z >= threshold); then all row groups must come in order, and none in
    the first cycle after reset.

    Latency: 1 cycle. Throughput: one row group a cycle.
    """

    def __init__(self, shape: LayerShape, classes: int, thresholds: Sequence[int] | None = None) -> None:
        self._shape = shape
        self._thresholds = thresholds
        super().__init__(
            {
                "gate": In(shape.z_bits),
                "sums": In(stream.Signature(sums_layout(shape, classes))),
                "outcomes": Out(stream.Signature(outcomes_layout(shape, classes))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        source, result = self.sums.payload, self.outcomes.payload
        m.d.comb += self.sums.ready.eq(~self.outcomes.valid | self.outcomes.ready)
        thresholds = [0] * self._shape.rows
        if self._thresholds is not None:
            m.submodules.thresholds = memory = ThresholdMemory(self._shape, self._thresholds)
            m.d.comb += memory.advance.eq(self.sums.valid & self.sums.ready)
            width = threshold_width(self._shape)
            thresholds = [memory.values.word_select(row, width).as_signed() for row in range(self._shape.rows)]
        with m.If(self.sums.ready):
            m.d.sync += [
                self.outcomes.valid.eq(self.sums.valid),
                result.final.eq(source.final),
                result.tag.eq(source.tag),
            ]
            for row in range(self._shape.rows):
                z = source.z[row]
                magnitude = Signal(self._shape.z_bits, name=f"magnitude_{row}")
                m.d.comb += magnitude.eq(abs(z))
                m.d.sync += [
                    result.rows[row].active.eq(z >= thresholds[row]),
                    result.rows[row].magnitude.eq(magnitude),
                    result.rows[row].open.eq(magnitude <= self.gate),
                ]
        return m
