"""From z to what a layer passes on, and what it keeps for learning."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.forward.drain import sums_layout
from bephw.rtl_gen.forward.thresholds import ThresholdMemory, threshold_width
from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.parts.layouts import outcome_layout
from bephw.shape import LayerShape

__all__ = ["Activation", "outcomes_layout"]


def outcomes_layout(shape: LayerShape) -> data.StructLayout:
    """Outcomes of a beat of outputs."""
    return data.StructLayout({"valid": 1, "outputs": data.ArrayLayout(outcome_layout(shape), shape.scan), "last": 1})


@emitted_once
class Activation(wiring.Component):
    """For every output: a = (z >= 0), |z|, and the gate |z| <= G (numerics.md sections 2 and 4).

    With `thresholds`, one for every output, a = (z >= threshold); then all beats of a sample must come in order, and
    none in the first cycle after reset.

    Latency: `LATENCY` cycles. Throughput: one beat a cycle.
    """

    LATENCY = 2

    def __init__(self, shape: LayerShape, thresholds: Sequence[int] | None = None) -> None:
        self._shape = shape
        self._thresholds = thresholds
        super().__init__(
            {
                "gate": In(shape.z_bits),
                "sums": In(sums_layout(shape)),
                "outcomes": Out(outcomes_layout(shape)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, sums, outcomes = self._shape, self.sums, self.outcomes
        m.d.comb += Cat(outcomes.valid, outcomes.last).eq(delay(m, Cat(sums.valid, sums.last), self.LATENCY))
        thresholds = self._read_thresholds(m)
        for index in range(shape.scan):
            z, outcome = sums.z[index], outcomes.outputs[index]
            active = Signal(name=f"active_{index}", reset_less=True)
            magnitude = Signal(shape.z_bits, name=f"magnitude_{index}", reset_less=True)
            m.d.sync += [
                active.eq(z >= thresholds[index]),
                magnitude.eq(abs(z)),
                outcome.active.eq(active),
                outcome.magnitude.eq(magnitude),
                outcome.open.eq(magnitude <= self.gate),
            ]
        return m

    def _read_thresholds(self, m):
        if self._thresholds is None:
            return [0] * self._shape.scan
        m.submodules.thresholds = memory = ThresholdMemory(self._shape, self._thresholds)
        m.d.comb += memory.advance.eq(self.sums.valid)
        width = threshold_width(self._shape)
        return [memory.values.word_select(index, width).as_signed() for index in range(self._shape.scan)]
