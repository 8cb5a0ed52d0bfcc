"""The XNOR-popcount array: a layer's folded matrix-vector product."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import delay
from bephw.rtl_gen.layouts import tag_layout
from bephw.rtl_gen.xnor_popcount import XnorPopcount
from bephw.shape import LayerShape

__all__ = ["XnorPopcountArray", "step_layout"]


def step_layout(classes: int) -> data.StructLayout:
    """What accompanies a word through the array: `first` and `last` of a row group, `final` group of the sample."""
    return data.StructLayout({"valid": 1, "first": 1, "last": 1, "final": 1, "tag": tag_layout(classes)})


class XnorPopcountArray(wiring.Component):
    """`rows` x `columns` lanes with an accumulator a row.

    In a cycle with `step.valid`, a word of activations meets `rows` words of weights. After the `last` word of a row
    group, `done.valid` is high for a cycle and `matches` shows how many inputs agree with the weights of each of its
    `rows` outputs. The lanes of a last, partial word must not agree.

    Latency: 1 cycle more than `XnorPopcount`, from the last word to `matches`. Throughput: one word a cycle.
    """

    def __init__(self, shape: LayerShape, classes: int) -> None:
        self._shape = shape
        super().__init__(
            {
                "step": In(step_layout(classes)),
                "weights": In(data.ArrayLayout(shape.columns, shape.rows)),
                "activations": In(shape.columns),
                "done": Out(step_layout(classes)),
                "matches": Out(data.ArrayLayout(range(shape.inputs + 1), shape.rows)),
            }
        )

    @staticmethod
    def latency(shape: LayerShape) -> int:
        """Cycles from the last word to `done`."""
        return XnorPopcount.latency(shape.columns) + 1

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        counted = delay(m, self.step, XnorPopcount.latency(shape.columns))
        m.d.sync += [self.done.eq(counted), self.done.valid.eq(counted.valid & counted.last)]
        for row in range(shape.rows):
            m.submodules[f"row_{row}"] = lanes = XnorPopcount(shape.columns)
            matches = self.matches[row]
            m.d.comb += [
                lanes.enable.eq(1),
                lanes.weights.eq(self.weights[row]),
                lanes.activations.eq(self.activations),
            ]
            with m.If(counted.valid):
                m.d.sync += matches.eq(Mux(counted.first, 0, matches) + lanes.count)
        return m
