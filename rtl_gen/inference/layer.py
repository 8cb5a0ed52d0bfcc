"""A layer whose weights are constants."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from bephw.rtl_gen.inference.match_counts import MatchCounts

__all__ = ["ConstantLayer", "least_matches"]


def least_matches(inputs: int, thresholds: Sequence[int]) -> list[int]:
    """For every threshold T, the least number of matches for which 2 * matches - K_in >= T."""
    return [-(-(inputs + int(threshold)) // 2) for threshold in thresholds]


class ConstantLayer(wiring.Component):
    """`outputs[j]` is 1 where z_j >= T_j, with z_j = 2 * matches_j - K_in (numerics.md section 2) and constant
    `weights` (K_out, K_in) and `thresholds` T.

    Latency: `latency(K_in)`, 1 cycle more than `MatchCounts`. Throughput: one vector a cycle; it never stops.
    """

    def __init__(self, weights: NDArray, thresholds: Sequence[int]) -> None:
        self._weights = weights
        self._least = least_matches(weights.shape[1], thresholds)
        super().__init__({"inputs": In(weights.shape[1]), "outputs": Out(weights.shape[0])})

    @staticmethod
    def latency(inputs: int) -> int:
        """Cycles from `inputs` to `outputs`."""
        return MatchCounts.latency(inputs) + 1

    def elaborate(self, platform):
        m = Module()
        m.submodules.matches = matches = MatchCounts(self._weights)
        m.d.comb += matches.bits.eq(self.inputs)
        outputs = Signal(len(self.outputs), reset_less=True)
        m.d.sync += outputs.eq(Cat(matches.counts[row] >= least for row, least in enumerate(self._least)))
        m.d.comb += self.outputs.eq(outputs)
        return m
