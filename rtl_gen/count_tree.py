"""How a count of many lanes is put together from counts of few."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["LEVELS_A_CYCLE", "CountNode", "count_tree", "tree_depth"]

LEVELS_A_CYCLE = 2
LARGEST_LEAF = 4
# 4-input tables that the count of so few lanes takes where a carry chain makes it.
LEAF_COST = {1: 1, 2: 2, 3: 2, 4: 7}
NONE = float("inf")


@dataclass(frozen=True, eq=False)
class CountNode:
    """The count of some lanes: a leaf, or the sum of two counts and at most one more lane.

    Attributes:
        depth: 1 for a leaf, else 1 more than that of both parts.
        lanes: the lanes that enter here: all of a leaf's, or the one lane that enters a sum as its carry.
        parts: the two counts that are added, the larger one last; none for a leaf.
    """

    depth: int
    lanes: tuple[int, ...]
    parts: tuple[CountNode, ...] = ()

    @property
    def total(self) -> int:
        """The largest count."""
        return len(self.lanes) + sum(part.total for part in self.parts)

    @property
    def width(self) -> int:
        """Bits of the count."""
        return self.total.bit_length()

    @property
    def cycle(self) -> int:
        """In which clock cycle it is computed, from 0."""
        return (self.depth - 1) // LEVELS_A_CYCLE

    def nodes(self) -> Iterator[CountNode]:
        """This node after everything below it."""
        for part in self.parts:
            yield from part.nodes()
        yield self


def tree_depth(lanes: int) -> int:
    """Levels of a tree: a sum doubles the count and takes one lane more, so 2^(depth + 1) lanes fit."""
    return max(1, (lanes - 1).bit_length() - 1)


def count_tree(lanes: int) -> CountNode:
    """The cheapest tree of `lanes` lanes of which every leaf lies at `tree_depth`, so that no count has to wait."""
    return _build(lanes, tree_depth(lanes), 0)


def _build(total: int, depth: int, first: int) -> CountNode:
    if depth == 1:
        return CountNode(depth, tuple(range(first, first + total)))
    _, right, left = _cheapest(total, depth)  # The larger part comes last, and with it the slow leaf of four lanes.
    parts = (_build(left, depth - 1, first), _build(right, depth - 1, first + left))
    return CountNode(depth, tuple(range(first + left + right, first + total)), parts)


@functools.cache
def _cheapest(total: int, depth: int) -> tuple[float, int, int]:
    """Tables that a tree takes, and lanes of its two parts, the larger one first."""
    if depth == 1:
        return LEAF_COST.get(total, NONE), 0, 0
    best = (NONE, 0, 0)
    for extra in (0, 1):
        counted = total - extra
        half = -(-counted // 2)
        # Equal parts, or one part that just fills its bits.
        for left in {half, half + 1, 2**depth - 1, 2**depth}:
            right = counted - left
            if not 1 <= right <= left:
                continue
            # A slot of a carry chain for every bit, and one in front of them for the lane or the carry before.
            cost = _cheapest(left, depth - 1)[0] + _cheapest(right, depth - 1)[0] + left.bit_length() + 1
            # A lane that enters late needs its XNOR, and registers until then.
            cost += extra * (depth > LEVELS_A_CYCLE) * (1 + 0.5 * ((depth - 1) // LEVELS_A_CYCLE))
            best = min(best, (cost, left, right))
    return best
