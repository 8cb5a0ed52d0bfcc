"""From z to what a layer passes on, and what it keeps for learning."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.layouts import outcome_layout, tag_layout
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

    Latency: 1 cycle. Throughput: one row group a cycle.
    """

    def __init__(self, shape: LayerShape, classes: int) -> None:
        self._shape = shape
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
                    result.rows[row].active.eq(z >= 0),
                    result.rows[row].magnitude.eq(magnitude),
                    result.rows[row].open.eq(magnitude <= self.gate),
                ]
        return m
