"""How a count of many lanes is put together from counts of few."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["CARRY_CELLS", "LEVELS_A_CYCLE", "TABLES", "Costs", "CountNode", "count_tree", "tree_depth"]

LEVELS_A_CYCLE = 2
LARGEST_LEAF = 4


@dataclass(frozen=True)
class Costs:
    """What a tree takes, in 4-input tables or places for them.

    Attributes:
        leaves: the counts of 1, 2, ... lanes.
        kept: a bit that waits for a cycle in a register.
        late: a lane that enters in a later cycle than the first, without its registers.
        late_bits: which it has in every cycle until then: 1, when what is kept is whether the bits agree; 2, the bits.
    """

    leaves: tuple[float, ...]
    kept: float
    late: float
    late_bits: int


# A leaf of three lanes is two slots of a carry chain, and an XNOR is for nothing where a lane enters as a carry. A
# register has its place beside every table, used or not.
CARRY_CELLS = Costs(leaves=(1, 2, 2, 7), kept=0.1, late=0, late_bits=2)
# A table and the register behind it share their place; a register alone takes one.
TABLES = Costs(leaves=(1, 2, 2, 7), kept=1, late=0.5, late_bits=1)


@dataclass(frozen=True, eq=False)
class CountNode:
    """The count of some lanes: a leaf, or the sum of two counts and at most one more lane.

    Attributes:
        depth: 1 for a leaf, else 1 more than that of its deeper part.
        lanes: the lanes that enter here: all of a leaf's, or the one lane that enters a sum as its carry.
        parts: the two counts that are added, the larger one last; none for a leaf.
    """

    depth: int
    lanes: tuple[int, ...]
    parts: tuple[CountNode, ...] = ()

    @functools.cached_property
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
        return _cycle(self.depth)

    def nodes(self) -> Iterator[CountNode]:
        """This node after everything below it."""
        for part in self.parts:
            yield from part.nodes()
        yield self

    def kept(self, cycle: int) -> list[CountNode]:
        """The counts that must outlast a cycle, each after everything below it."""
        later = {part for node in self.nodes() if node.cycle > cycle for part in node.parts} | {self}
        return [node for node in self.nodes() if node.cycle <= cycle and node in later]


def tree_depth(lanes: int) -> int:
    """Levels of a tree: a sum doubles the count and takes one lane more, so 2^(depth + 1) lanes fit."""
    return max(1, (lanes - 1).bit_length() - 1)


@functools.cache
def count_tree(lanes: int, costs: Costs = TABLES, levels: int | None = None) -> CountNode:
    """The cheapest tree that is found of `lanes` lanes, of at most so many levels, which are no fewer than
    `tree_depth`; else of no more cycles than that needs."""
    most = levels or -(-tree_depth(lanes) // LEVELS_A_CYCLE) * LEVELS_A_CYCLE
    return _build(lanes, most, 0, costs)


def _cycle(depth: int) -> int:
    return (depth - 1) // LEVELS_A_CYCLE


@dataclass(frozen=True)
class _Choice:
    """The cheapest way to count some lanes: its cost and depth, and the lanes of the two parts, the larger one first,
    with the most levels they may have; a leaf without."""

    cost: float
    depth: int
    left: int = 0
    right: int = 0
    most: int = 0


def _build(total: int, most: int, first: int, costs: Costs) -> CountNode:
    choice = _cheapest(total, most, costs)
    if not choice.left:
        return CountNode(1, tuple(range(first, first + total)))
    left, right = choice.left, choice.right  # The larger part comes last, and with it the slow leaf of four lanes.
    parts = (_build(right, choice.most, first, costs), _build(left, choice.most, first + right, costs))
    return CountNode(choice.depth, tuple(range(first + left + right, first + total)), parts)


@functools.cache
def _cheapest(total: int, most: int, costs: Costs) -> _Choice:
    """The choice for `total` lanes in at most `most` levels."""
    found = []
    if total <= LARGEST_LEAF:
        found.append(_Choice(costs.leaves[total - 1], 1))
    if most > 1:
        for left, right in _divisions(total, most):
            parts = _cheapest(left, most - 1, costs), _cheapest(right, most - 1, costs)
            depth = 1 + max(part.depth for part in parts)
            # A slot of a carry chain for every bit, and one in front of them for the lane or the carry before.
            cost = sum(part.cost for part in parts) + left.bit_length() + 1
            for lanes, part in zip((left, right), parts, strict=True):
                waits = max(0, _cycle(depth) - _cycle(part.depth) - 1)
                cost += costs.kept * waits * lanes.bit_length()
            if total > left + right and _cycle(depth) > 0:
                # Synthesis finds the register of an XNOR that is kept a place beside its table.
                cost += costs.late + costs.kept * 0.5 * costs.late_bits * (1 + _cycle(depth))
            found.append(_Choice(cost, depth, left, right, most - 1))
    return min(found, key=lambda choice: (choice.cost, choice.depth))


def _divisions(total: int, most: int) -> Iterator[tuple[int, int]]:
    """Lanes of two parts, the larger one first: equal parts, and such as fill their bits or their levels."""
    full = {2**depth - less for depth in range(1, most + 1) for less in (0, 1)}
    for counted in {total, total - 1}:
        half = -(-counted // 2)
        for left in sorted({half, half + 1} | full | {counted - size for size in full}):
            if 1 <= counted - left <= left <= 2**most:
                yield left, counted - left
