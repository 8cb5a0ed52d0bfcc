"""The XNOR-popcount array: a layer's folded matrix-vector product."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import cleared_by, delay
from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.popcount.xnor_popcount import XnorPopcount
from bephw.shape import LayerShape

__all__ = ["XnorPopcountArray", "step_layout"]


def step_layout() -> data.StructLayout:
    """What accompanies a word through the array: `last` of a row group, `final` group of the sample."""
    return data.StructLayout({"valid": 1, "last": 1, "final": 1})


@emitted_once
class XnorPopcountArray(wiring.Component):
    """`rows` x `columns` lanes with an accumulator a row.

    In a cycle with `step.valid`, a word of activations meets `rows` words of weights. After the `last` word of a row
    group, `done.valid` is high for a cycle and `matches` shows how many inputs agree with the weights of each of its
    `rows` outputs: an adder's output, not a register. The lanes of a last, partial word must not agree.

    `ahead`: weights and activations come a cycle before their `step`. Latency: that of `XnorPopcount`, from the last
    word to `matches`. Throughput: one word a cycle.
    """

    def __init__(self, shape: LayerShape, *, ahead: bool = False) -> None:
        self._shape = shape
        self._ahead = ahead
        super().__init__(
            {
                "step": In(step_layout()),
                "weights": In(data.ArrayLayout(shape.columns, shape.rows)),
                "activations": In(shape.columns),
                "done": Out(step_layout()),
                "matches": Out(data.ArrayLayout(range(shape.inputs + 1), shape.rows)),
            }
        )

    @staticmethod
    def latency(shape: LayerShape) -> int:
        """Cycles from the last word to `done`."""
        return XnorPopcount.latency(shape.columns, spare=True)

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        counted = delay(m, self.step, self.latency(shape))
        m.d.comb += [self.done.eq(counted), self.done.valid.eq(counted.valid & counted.last)]
        clear = cleared_by(counted.valid & counted.last)
        for row in range(shape.rows):
            m.submodules[f"row_{row}"] = lanes = XnorPopcount(shape.columns, ahead=self._ahead, spare=True)
            before = Signal.like(self.matches[row], name=f"before_{row}", reset_less=True)
            m.d.comb += [
                lanes.enable.eq(1),
                lanes.weights.eq(self.weights[row]),
                lanes.activations.eq(self.activations),
                # A lowest bit that is 1 in one addend makes the other's the carry into the rest.
                self.matches[row].eq((Cat(C(1, 1), before) + Cat(lanes.carry, lanes.count)) >> 1),
            ]
            with m.If(counted.valid):
                m.d.sync += before.eq(self.matches[row])
            with m.If(clear):
                m.d.sync += before.eq(0)
        return m
