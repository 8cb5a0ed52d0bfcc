"""How the matches of many constant words are put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bephw.rtl_gen.popcount.count_tree import CountNode, tree_depth
from bephw.rtl_gen.shared_counts.block_counts import LEAVES, BlockCounts, block_counts
from bephw.rtl_gen.shared_counts.row_block import RowBlock, distinct_rows, similar_rows

__all__ = ["RowCount", "WordCounts", "count_levels"]

LARGEST_BLOCK = 8
# More levels than the counts of single rows take: blocks of several rows have a few additions more. Long rows that were
# learnt differ in classes of very unequal sizes, whose sums come late: with one spare level, TFC's first layer (784
# inputs) would be in 14 blocks instead of 11, and take 8 % more tables.
SPARE_LEVELS = 1
LONG_ROW, LONG_SPARE_LEVELS = 512, 2


@dataclass(frozen=True)
class RowCount:
    """A row's matches: `offset + total - 2 * less`, or `offset - (total - 2 * less)` where it is `negated`."""

    total: CountNode
    less: CountNode | None
    offset: int
    negated: bool

    @property
    def key(self) -> tuple[CountNode, CountNode | None]:
        """What two rows have in common that are equal, or each other's complements."""
        return self.total, self.less


def count_levels(columns: int) -> int:
    """Levels of additions, those of the leaves included, that the sums of `WordCounts` have at most."""
    return tree_depth(columns) + (SPARE_LEVELS if columns < LONG_ROW else LONG_SPARE_LEVELS)


class WordCounts:
    """The counts of all rows of `words` (rows, columns): for how many rows go together, the cheapest found.

    Attributes:
        rows: of each row what its matches are made of. No sum in it has more than `count_levels(columns)` levels.
        cost: in 4-input tables, as estimated.
    """

    def __init__(self, words: NDArray[np.uint8]) -> None:
        distinct = distinct_rows(words)
        firsts = sorted({first for first, _ in distinct.values()})
        sizes = range(1, min(LARGEST_BLOCK, len(firsts)) + 1)
        blocks = min((_blocks(words, firsts, size) for size in sizes), key=lambda found: _cost(words, found))
        self.cost = _cost(words, blocks)
        found = {row: count for block, counts in blocks for row, count in _row_counts(words, block, counts).items()}
        self.rows = [_of_twin(words, found[first], complement) for first, complement in distinct.values()]


Blocks = list[tuple[RowBlock, BlockCounts]]


def _blocks(words: NDArray[np.uint8], rows: list[int], size: int) -> Blocks:
    """All `rows` in blocks of up to `size`, fewer where there would be too many levels."""
    left, blocks = list(rows), []
    while left:
        block = similar_rows(words, left, size)
        counts = block_counts(words, block)
        while counts.depth > count_levels(words.shape[1]):
            block = block.first(len(block.rows) - 1)
            counts = block_counts(words, block)
        blocks.append((block, counts))
        left = [row for row in left if row not in block.rows]
    return blocks


def _cost(words: NDArray[np.uint8], blocks: Blocks) -> float:
    """Tables: leaves, a slot of a carry chain for every bit of a sum and one more, and a row's last subtraction."""
    rows_sums = sum(words.shape[1].bit_length() for _, counts in blocks for less in counts.less if less)
    leaves = {node.lanes for node in _nodes(blocks) if not node.parts}
    sums = {node for node in _nodes(blocks) if node.parts}
    return rows_sums + sum(LEAVES[len(lanes) - 1] for lanes in leaves) + sum(1 + node.parts[-1].width for node in sums)


def _nodes(blocks: Blocks) -> set[CountNode]:
    found: set[CountNode] = set()
    waiting = [node for _, counts in blocks for node in (counts.total, *counts.less) if node]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += node.parts
    return found


def _row_counts(words: NDArray[np.uint8], block: RowBlock, counts: BlockCounts) -> dict[int, RowCount]:
    """Of every row of a block: where it differs from the base it matches whatever the base does not."""
    found = {block.rows[0]: RowCount(counts.total, None, 0, negated=False)}
    for row, complemented, less in zip(block.rows[1:], block.complemented[1:], counts.less, strict=True):
        count = RowCount(counts.total, less, less.total if less else 0, negated=False)
        found[row] = _of_twin(words, count, complemented)
    return found


def _of_twin(words: NDArray[np.uint8], count: RowCount, complement: bool) -> RowCount:
    """The count of a row that equals the one of `count`, or its complement."""
    if not complement:
        return count
    return RowCount(count.total, count.less, words.shape[1] - count.offset, not count.negated)
