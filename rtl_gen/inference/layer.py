"""A layer whose weights are constants."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from bephw.rtl_gen.inference.constant_rows import ConstantRows
from bephw.rtl_gen.parts.arithmetic import delay
from bephw.shape import ceil_div

__all__ = ["ConstantLayer"]

# Weights of the rows that read an input at the same time. The rows of 784 x 64 lie all over a chip, and with all of
# them at once wires were nine tenths of the clock period; 192 x 63 are near enough to each other.
TOGETHER = 4_704


class ConstantLayer(wiring.Component):
    """`outputs[j]` is 1 where z_j >= T_j, with z_j = 2 * matches_j - K_in (numerics.md section 2) and constant
    `weights` (K_out, K_in) and `thresholds` T.

    A vector passes by one group of rows after the other (`groups`), a cycle each; what the first ones found waits for
    the last. So no wire reaches further than from group to group.

    Latency: `latency(K_out, K_in)` cycles. Throughput: one vector a cycle; it never stops.
    """

    def __init__(self, weights: NDArray, thresholds: Sequence[int], together: int = TOGETHER) -> None:
        self._weights = weights
        self._thresholds = thresholds
        self._together = together
        super().__init__({"inputs": In(weights.shape[1]), "outputs": Out(weights.shape[0])})

    @staticmethod
    def groups(outputs: int, inputs: int, together: int = TOGETHER) -> list[slice]:
        """Rows that read an input at the same time: `together` weights, or one row."""
        number = ceil_div(outputs, max(1, together // inputs))
        return [slice(outputs * group // number, outputs * (group + 1) // number) for group in range(number)]

    @classmethod
    def latency(cls, outputs: int, inputs: int, together: int = TOGETHER) -> int:
        """Cycles from `inputs` to `outputs`: those of rows, and one for each further group."""
        return ConstantRows.latency(inputs) + len(cls.groups(outputs, inputs, together)) - 1

    def elaborate(self, platform):
        m = Module()
        groups = self.groups(*self._weights.shape, self._together)
        passing = self.inputs
        for number, rows in enumerate(groups):
            m.submodules[f"rows_{number}"] = part = ConstantRows(self._weights[rows], self._thresholds[rows])
            passing = delay(m, passing, 1 if number else 0, reset_less=True)
            m.d.comb += part.inputs.eq(passing)
            found = delay(m, part.outputs, len(groups) - 1 - number, reset_less=True)
            m.d.comb += self.outputs[rows].eq(found)
        return m
