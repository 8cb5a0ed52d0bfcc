"""A layer whose weights are constants."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from bephw.rtl_gen.parts.arithmetic import at_least_in_two, delay
from bephw.rtl_gen.shared_counts.row_differences import RowDifferences
from bephw.rtl_gen.shared_counts.word_counts import WordCounts, count_levels

__all__ = ["ConstantLayer", "least_matches"]


def least_matches(inputs: int, thresholds: Sequence[int]) -> list[int]:
    """For every threshold T, the least number of matches for which 2 * matches - K_in >= T."""
    return [-(-(inputs + int(threshold)) // 2) for threshold in thresholds]


class ConstantLayer(wiring.Component):
    """`outputs[j]` is 1 where z_j >= T_j, with z_j = 2 * matches_j - K_in (numerics.md section 2) and constant
    `weights` (K_out, K_in) and `thresholds` T.

    Rows share their sums (`WordCounts`); what a row's matches have in them that is constant goes into its threshold.

    Latency: `latency(K_in)` cycles. Throughput: one vector a cycle; it never stops.
    """

    def __init__(self, weights: NDArray, thresholds: Sequence[int]) -> None:
        self._weights = weights
        self._least = least_matches(weights.shape[1], thresholds)
        super().__init__({"inputs": In(weights.shape[1]), "outputs": Out(weights.shape[0])})

    @staticmethod
    def latency(inputs: int) -> int:
        """Cycles from `inputs` to `outputs`: the sums, the difference from another row, and two for the comparison."""
        return count_levels(inputs) + 3

    def elaborate(self, platform):
        m = Module()
        words = WordCounts(self._weights)
        differences = RowDifferences(m, self.inputs, words)
        for row, (count, least) in enumerate(zip(words.rows, self._least, strict=True)):
            difference, ready = differences.of(row)
            if count.negated:
                active = ~at_least_in_two(m, difference, count.offset - least + 1)
            else:
                active = at_least_in_two(m, difference, least - count.offset)
            # The first register takes the comparison, the others give the wires time.
            left = self.latency(len(self.inputs)) - ready - 1
            m.d.comb += self.outputs[row].eq(delay(m, active, left, reset_less=True))
        return m
