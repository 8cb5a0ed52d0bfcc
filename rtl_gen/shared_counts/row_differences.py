"""The last step of a row's count: what it has less than its base."""

from __future__ import annotations

from amaranth.hdl import *

from bephw.rtl_gen.popcount.count_tree import CountNode
from bephw.rtl_gen.shared_counts.count_pipeline import CountPipeline
from bephw.rtl_gen.shared_counts.word_counts import RowCount, WordCounts

__all__ = ["RowDifferences"]


class RowDifferences:
    """`total - 2 * less` of every row of `words`, in registers of module `m`; rows that are equal, or each other's
    complements, have the same."""

    def __init__(self, m: Module, bits: Signal, words: WordCounts) -> None:
        self._m = m
        self._words = words
        self._counts = CountPipeline(m, bits, [node for row in words.rows for node in row.key if node])
        self._found: dict[tuple[CountNode, CountNode | None], tuple[Value, int]] = {}

    def of(self, row: int) -> tuple[Value, int]:
        """A row's difference, and how many cycles after `bits` it is there."""
        count = self._words.rows[row]
        if count.key not in self._found:
            self._found[count.key] = self._subtracted(count)
        return self._found[count.key]

    def _subtracted(self, count: RowCount) -> tuple[Value, int]:
        if count.less is None:
            return self._counts.at(count.total, count.total.depth), count.total.depth
        ready = max(count.total.depth, count.less.depth)
        total, less = self._counts.at(count.total, ready), self._counts.at(count.less, ready)
        # The lowest bit is that of the total, as twice the other is even.
        upper = Signal(range(-count.less.total, count.total.total // 2 + 1), name="upper", reset_less=True)
        self._m.d.sync += upper.eq(total[1:] - less)
        lowest = self._counts.at(count.total, ready + 1)[0]
        return Cat(lowest, upper).as_signed(), ready + 1
