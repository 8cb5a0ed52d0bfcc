"""Counts of agreeing bits with constant words."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.shared_counts.row_differences import RowDifferences
from bephw.rtl_gen.shared_counts.word_counts import WordCounts, count_levels

__all__ = ["MatchCounts"]


class MatchCounts(wiring.Component):
    """`counts[j]` is the number of bits in which `bits` equals row j of `words` (rows, columns).

    Rows share their sums (`WordCounts`). `bits` should come from registers.

    Latency: `latency(columns)` cycles. Throughput: one word a cycle; it never stops.
    """

    def __init__(self, words: NDArray) -> None:
        self._words = words
        rows, columns = words.shape
        super().__init__({"bits": In(columns), "counts": Out(data.ArrayLayout(range(columns + 1), rows))})

    @staticmethod
    def latency(columns: int) -> int:
        """Cycles from `bits` to `counts`: the sums, the difference from another row, and a constant."""
        return count_levels(columns) + 2

    def elaborate(self, platform):
        m = Module()
        words = WordCounts(self._words)
        differences = RowDifferences(m, self.bits, words)
        for row, count in enumerate(words.rows):
            difference, ready = differences.of(row)
            matches = Signal.like(self.counts[row], name=f"matches_{row}", reset_less=True)
            m.d.sync += matches.eq(count.offset - difference if count.negated else count.offset + difference)
            left = self.latency(len(self.bits)) - ready - 1
            m.d.comb += self.counts[row].eq(delay(m, matches, left, reset_less=True))
        return m
