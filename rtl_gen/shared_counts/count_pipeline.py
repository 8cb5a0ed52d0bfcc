"""Sums that share their parts, a level of additions a cycle."""

from __future__ import annotations

from collections.abc import Iterable

from amaranth.hdl import *

from bephw.rtl_gen.popcount.count_tree import CountNode
from bephw.rtl_gen.popcount.counting import add_level, count_in_logic

__all__ = ["CountPipeline"]

ADDER_BITS = 14  # shorter than where only an array is counted: the sums of many rows lie far apart on the chip


class CountPipeline:
    """`counts` and everything below them, in registers of module `m`.

    Lanes of the nodes are numbers of `bits` that are 1 and, from `len(bits)` on, of bits that are 0. `bits` should come
    from registers.
    """

    def __init__(self, m: Module, bits: Signal, counts: Iterable[CountNode]) -> None:
        self._m = m
        # Complements too, as a carry chain cannot invert what enters it; those that nobody needs go away. A signal, as
        # Amaranth would invert the whole vector anew for every bit that is taken from it.
        inverted = Signal.like(bits, name="inverted")
        m.d.comb += inverted.eq(~bits)
        self._lanes = {(lane, 0): bit for lane, bit in enumerate([*bits, *inverted])}
        self._counts: dict[tuple[CountNode, int], Value] = {}
        self._leaves: dict[tuple[int, ...], Value] = {}
        levels: dict[int, list[CountNode]] = {}
        for node in _all_of(counts):
            levels.setdefault(node.depth, []).append(node)
        for depth in sorted(levels):
            self._level(depth, levels[depth])

    def at(self, node: CountNode, cycle: int) -> Value:
        """A count of the bits `cycle` cycles ago: no fewer than the node's depth."""
        if (node, cycle) not in self._counts:
            self._counts[node, cycle] = self._register(self.at(node, cycle - 1), f"count_{cycle}")
        return self._counts[node, cycle]

    def _level(self, depth: int, nodes: list[CountNode]) -> None:
        leaves = [node for node in nodes if not node.parts]
        for node in leaves:
            self._counts[node, depth] = self._leaf(node)
        sums = [node for node in nodes if node.parts]
        carries = [[self._lane(lane, depth - 1) for lane in node.lanes] for node in sums]
        parts = [[self.at(part, depth - 1) for part in node.parts] for node in sums]
        for node, value in zip(sums, add_level(self._m, sums, carries, parts, ADDER_BITS), strict=True):
            self._counts[node, depth] = self._register(value, f"count_{depth}")

    def _leaf(self, node: CountNode) -> Value:
        """The same register for all leaves of the same lanes."""
        lanes = tuple(sorted(node.lanes))
        if lanes not in self._leaves:
            if len(lanes) == 1:
                self._leaves[lanes] = self._lane(*lanes, 1)
            else:
                value = count_in_logic([self._lane(lane, 0) for lane in lanes])
                self._leaves[lanes] = self._register(value, "leaf")
        return self._leaves[lanes]

    def _lane(self, lane: int, cycle: int) -> Value:
        if (lane, cycle) not in self._lanes:
            self._lanes[lane, cycle] = self._register(self._lane(lane, cycle - 1), f"bit_{cycle}")
        return self._lanes[lane, cycle]

    def _register(self, value: Value, name: str) -> Signal:
        register = Signal(len(value), name=name, reset_less=True)
        self._m.d.sync += register.eq(value)
        return register


def _all_of(counts: Iterable[CountNode]) -> list[CountNode]:
    """The counts and everything below them, each once and after its parts."""
    found: dict[CountNode, None] = {}

    def find(node: CountNode) -> None:
        if node not in found:
            for part in node.parts:
                find(part)
            found[node] = None

    for count in counts:
        find(count)
    return list(found)
