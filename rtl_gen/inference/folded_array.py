"""The rows of a folded layer: lanes, and a total each."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.constant_memory import ConstantMemory
from bephw.rtl_gen.parts.arithmetic import delay, next_index
from bephw.rtl_gen.popcount.xnor_popcount import XnorPopcount
from bephw.shape import LayerShape

__all__ = ["READ", "FoldedArray", "step_layout"]

# Cycles from a step to its weights and activations: a memory, its own register, and one on the way, as block RAM lies
# in a few columns of the chip, far from most lanes.
READ = 3
START_READ = 2  # from a group to what its totals start from


def step_layout(shape: LayerShape) -> data.StructLayout:
    """A step of the walk over a matrix, a word of a row `group`; `last`: the group's last word."""
    return data.StructLayout({"valid": 1, "group": range(shape.groups), "last": 1})


class FoldedArray(wiring.Component):
    """`rows` x `columns` lanes. `weights`, first row lowest, and `activations` follow their `step` by `READ` cycles;
    the lanes of a last, partial word must not agree.

    `results` has, for each row, where `done`, the number of inputs which agree with the weights of output
    `group * rows + row`; or, if `least` is given, whether these are at least `least[output]`. It holds for that cycle
    only.

    `least` is what a row's total starts below zero, so that its sign is the result. Where all groups of a row start
    alike the start is the reset value of the register and costs nothing; else it is read from memory.

    Latency: `latency(shape)` cycles from a group's last step to `done`. Throughput: a step a cycle.
    """

    def __init__(self, shape: LayerShape, least: Sequence[int] | None = None) -> None:
        self._shape = shape
        self._least = least
        self._result_width = shape.z_bits if least is None else 1
        self._width = shape.z_bits if least is None else shape.z_bits + 1  # of a total
        super().__init__(
            {
                "step": In(step_layout(shape)),
                "weights": In(shape.rows * shape.columns),
                "activations": In(shape.columns),
                "done": Out(1),
                "results": Out(shape.rows * self._result_width),
            }
        )

    @staticmethod
    def latency(shape: LayerShape) -> int:
        """Cycles from a step to its counts: memories, then lanes."""
        return READ + XnorPopcount.latency(shape.columns)

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        waits = self.latency(shape)
        counted, last = delay(m, self.step.valid, waits), delay(m, self.step.valid & self.step.last, waits)
        m.d.comb += self.done.eq(last)
        for row, (initial, following) in enumerate(zip(self._starts(0), self._following(m), strict=True)):
            m.submodules[f"row_{row}"] = lanes = XnorPopcount(shape.columns)
            total = Signal(self._width, init=initial, name=f"total_{row}")
            added = Signal(self._width, name=f"sum_{row}")
            m.d.comb += [
                lanes.enable.eq(1),
                lanes.weights.eq(self.weights.word_select(row, shape.columns)),
                lanes.activations.eq(self.activations),
                added.eq(total + lanes.count),
                self.results.word_select(row, self._result_width).eq(added if self._least is None else ~added[-1]),
            ]
            with m.If(counted):
                m.d.sync += total.eq(added)
            with m.If(last):
                m.d.sync += total.eq(following)
        return m

    def _starts(self, group: int) -> list[int]:
        """What the totals of a group's rows start from, modulo their range."""
        first = group * self._shape.rows
        outputs = range(first, first + self._shape.rows)
        if self._least is None:
            return [0] * len(outputs)
        # Rows beyond the last output start as the first does: nobody looks at them.
        mask = (1 << self._width) - 1
        return [-self._least[output if output < self._shape.outputs else 0] & mask for output in outputs]

    def _following(self, m: Module) -> list[Value]:
        """What the totals start from after a step, when its counts are there."""
        shape, width = self._shape, self._width
        starts = [self._starts(group) for group in range(shape.groups)]
        if all(group == starts[0] for group in starts):
            return [C(start, width) for start in starts[0]]
        words = [sum(start << row * width for row, start in enumerate(group)) for group in starts]
        m.submodules.starts = memory = ConstantMemory(shape.rows * width, words, START_READ)
        group = delay(m, self.step.group, self.latency(shape) - START_READ, reset_less=True)
        m.d.comb += memory.address.eq(next_index(group, shape.groups))
        return [memory.data.word_select(row, width) for row in range(shape.rows)]
