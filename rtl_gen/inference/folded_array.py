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
    """A step of the walk over a matrix, a word of a row `group`, for those channels that are `valid`; `last`: the
    group's last word."""
    return data.StructLayout({"valid": shape.samples, "group": range(shape.groups), "last": 1})


class FoldedArray(wiring.Component):
    """`rows` x `columns` lanes for each of `shape.samples` channels. `weights`, first row lowest, which all of them
    see, and each one's `activations` follow their `step` by `READ` cycles; the lanes of a last, partial word must not
    agree.

    A channel's `results` have, for each row, where `done`, the number of inputs which agree with the weights of output
    `group * rows + row`; or, if `least` is given, whether these are at least `least[output]`. They hold for that cycle
    only. From one `last` step to the next the same channels are to be valid.

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
                "activations": In(shape.columns).array(shape.samples),
                "done": Out(shape.samples),
                "results": Out(shape.rows * self._result_width).array(shape.samples),
            }
        )

    @staticmethod
    def latency(shape: LayerShape) -> int:
        """Cycles from a step to its counts: memories, then lanes."""
        return READ + XnorPopcount.latency(shape.columns)

    def elaborate(self, platform):
        m = Module()
        ends = Mux(self.step.last, self.step.valid, 0)
        counted, last, done = (
            delay(m, value, self.latency(self._shape)) for value in (self.step.valid.any(), ends.any(), ends)
        )
        m.d.comb += self.done.eq(done)
        for row, starts in enumerate(zip(self._starts(0), self._following(m), strict=True)):
            for channel in range(self._shape.samples):
                self._count(m, channel, row, starts, counted, last)
        return m

    def _count(self, m, channel, row, starts, counted, last):
        """A row's lanes and its total in one channel."""
        initial, following = starts
        columns, name = self._shape.columns, f"{row}_{channel}"
        m.submodules[f"row_{name}"] = lanes = XnorPopcount(columns)
        total = Signal(self._width, init=initial, name=f"total_{name}")
        added = Signal(self._width, name=f"sum_{name}")
        result = added if self._least is None else ~added[-1]
        m.d.comb += [
            lanes.enable.eq(1),
            lanes.weights.eq(self.weights.word_select(row, columns)),
            lanes.activations.eq(self.activations[channel]),
            added.eq(total + lanes.count),
            self.results[channel].word_select(row, self._result_width).eq(result),
        ]
        # A channel without a sample counts as well: nobody looks, and it starts anew with the others.
        with m.If(counted):
            m.d.sync += total.eq(added)
        with m.If(last):
            m.d.sync += total.eq(following)

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
