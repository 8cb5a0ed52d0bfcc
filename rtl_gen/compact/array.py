"""The XNOR-popcount array: a layer's folded matrix-vector product."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import delay
from bephw.rtl_gen.compact.layouts import tag_layout
from bephw.rtl_gen.compact.xnor_popcount import XnorPopcount
from bephw.shape import LayerShape

__all__ = ["XnorPopcountArray", "step_layout"]


def step_layout(classes: int) -> data.StructLayout:
    """What accompanies a word through the array: `first` and `last` of a row group, `final` group of the sample."""
    return data.StructLayout({"valid": 1, "first": 1, "last": 1, "final": 1, "tag": tag_layout(classes)})


class XnorPopcountArray(wiring.Component):
    """`rows` x `columns` lanes with an accumulator a row.

    In a cycle with `enable` and `step.valid`, a word of activations meets `rows` words of weights. After the `last`
    word of a row group, `done.valid` and `z` show z_j = 2 * popcount(xnor(w_j, a)) - K_in for its `rows` outputs
    (numerics.md section 2), until the next cycle with `enable`.

    Latency: 1 cycle more than `XnorPopcount`, from the last word to `z`. Throughput: one word a cycle.
    """

    def __init__(self, shape: LayerShape, classes: int) -> None:
        self._shape = shape
        super().__init__(
            {
                "enable": In(1),
                "step": In(step_layout(classes)),
                "weights": In(data.ArrayLayout(shape.columns, shape.rows)),
                "activations": In(shape.columns),
                "done": Out(step_layout(classes)),
                "z": Out(data.ArrayLayout(signed(shape.z_bits + 1), shape.rows)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        counted = delay(m, self.step, XnorPopcount.latency(shape.columns), self.enable)
        with m.If(self.enable):
            m.d.sync += self.done.eq(counted)
            m.d.sync += self.done.valid.eq(counted.valid & counted.last)
        for row in range(shape.rows):
            m.submodules[f"row_{row}"] = lanes = XnorPopcount(
                shape.columns, shape.inputs - (shape.words - 1) * shape.columns
            )
            m.d.comb += [
                lanes.enable.eq(self.enable),
                lanes.weights.eq(self.weights[row]),
                lanes.activations.eq(self.activations),
                lanes.last.eq(self.step.last),
            ]
            matches = Signal(range(shape.inputs + 1), name=f"matches_{row}")
            with m.If(self.enable & counted.valid):
                m.d.sync += matches.eq(Mux(counted.first, 0, matches) + lanes.count)
            m.d.comb += self.z[row].eq((matches << 1) - shape.inputs)
        return m
