"""The counts of a block of rows, as sums that they share."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bephw.rtl_gen.popcount.count_tree import Costs, CountNode, count_tree, tree_depth
from bephw.rtl_gen.shared_counts.row_block import RowBlock

__all__ = ["LEAVES", "BlockCounts", "block_counts"]

# Lanes are bits or their complements, no XNORs: a count of up to four is a table for each of its bits, and one lane
# alone a register.
LEAVES = (0.2, 2, 2, 3)
COSTS = Costs(leaves=LEAVES, kept=0.1, late=0, late_bits=1)


@dataclass(frozen=True)
class BlockCounts:
    """What the matches of a block's rows are made of.

    Lanes of the nodes are columns, for a bit that is 1, and number of columns + column, for one that is 0.

    Attributes:
        total: the matches of the base.
        less: of each other row the base's matches in columns in which the two differ; None where they never do.
    """

    total: CountNode
    less: tuple[CountNode | None, ...]

    @property
    def depth(self) -> int:
        """Levels of its deepest sum."""
        return max(node.depth for node in (self.total, *self.less) if node)


def block_counts(words: NDArray[np.uint8], block: RowBlock) -> BlockCounts:
    """Counts each class of columns (those in which the same rows differ from the base) once; adds these counts to what
    is asked for.

    The last row is dealt with first: its sum is that of all classes in which it differs; then every two classes that
    only this row tells apart become one. So each row halves what is left to add for those before it.
    """
    columns = words.shape[1]
    lanes = np.where(words[block.rows[0]] == 1, np.arange(columns), columns + np.arange(columns))
    classes = {number: _counted(lanes[within].tolist()) for number, within in block.columns_by_difference().items()}
    # Where no row differs, the count is part of the total alone: if it takes longest, nothing shall wait for it.
    last = [classes.pop(0)] if max(sorted(classes, reverse=True), key=lambda number: classes[number].depth) == 0 else []
    less: list[CountNode | None] = []
    for place in reversed(range(len(block.rows) - 1)):
        less.insert(0, added([count for number, count in classes.items() if number >> place & 1]))
        classes = _merged(classes, place)
    return BlockCounts(added([*last, *classes.values()]), tuple(less))


def _merged(classes: dict[int, CountNode], place: int) -> dict[int, CountNode]:
    """The classes without a difference between those that only bit `place` of their numbers tells apart."""
    together: dict[int, list[CountNode]] = {}
    for number, count in classes.items():
        together.setdefault(number & ~(1 << place), []).append(count)
    return {number: added(counts) for number, counts in together.items()}


def _counted(lanes: list[int]) -> CountNode:
    """The count of some lanes, in as few levels as it can have."""
    return _relabelled(count_tree(len(lanes), COSTS, tree_depth(len(lanes))), lanes)


def _relabelled(node: CountNode, lanes: list[int]) -> CountNode:
    parts = tuple(_relabelled(part, lanes) for part in node.parts)
    return CountNode(node.depth, tuple(lanes[lane] for lane in node.lanes), parts)


def added(counts: Sequence[CountNode]) -> CountNode | None:
    """Their sum, the earliest and smallest first; None of none."""
    waiting = [((count.depth, count.total, place), count) for place, count in enumerate(counts)]
    heapq.heapify(waiting)
    for place in itertools.count(len(waiting)):
        if len(waiting) < 2:
            break
        small, large = sorted((heapq.heappop(waiting)[1], heapq.heappop(waiting)[1]), key=lambda count: count.total)
        both = CountNode(1 + max(small.depth, large.depth), (), (small, large))
        heapq.heappush(waiting, ((both.depth, both.total, place), both))
    return waiting[0][1] if waiting else None
