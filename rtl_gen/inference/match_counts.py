"""Counts of agreeing bits with constant words."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from bephw.rtl_gen.popcount.count_tree import LEVELS_A_CYCLE, CountNode, count_tree, tree_depth
from bephw.rtl_gen.popcount.counting import add_level, count_in_logic

__all__ = ["MatchCounts"]

ADDER_BITS = 14  # shorter than where only an array is counted: the sums of many rows lie far apart on the chip
Key = tuple[CountNode, bytes]  # a node, and the constant bits of the lanes below it


class MatchCounts(wiring.Component):
    """`counts[j]` is the number of bits in which `bits` equals row j of `words` (rows, columns).

    All rows are counted along one tree; where two rows have the same bits below a node, they share its logic. `bits`
    should come from registers.

    Latency: `latency(columns)` cycles. Throughput: one word a cycle; it never stops.
    """

    def __init__(self, words: NDArray) -> None:
        self._words = words
        rows, columns = words.shape
        super().__init__({"bits": In(columns), "counts": Out(data.ArrayLayout(range(columns + 1), rows))})

    @staticmethod
    def latency(columns: int) -> int:
        """Cycles from `bits` to `counts`."""
        return -(-tree_depth(columns) // LEVELS_A_CYCLE)

    def elaborate(self, platform):
        m = Module()
        root = count_tree(len(self.bits))
        lanes = {node: _lanes(node) for node in root.nodes()}
        # A signal, as Amaranth would invert the whole vector anew for every bit that is taken from it.
        inverted = Signal.like(self.bits)
        m.d.comb += inverted.eq(~self.bits)
        bits = (inverted, self.bits)
        counts: dict[Key, Value] = {}
        for cycle in range(root.cycle + 1):
            nodes = [node for node in root.nodes() if node.cycle == cycle]
            for depth in sorted({node.depth for node in nodes}):
                level = [node for node in nodes if node.depth == depth]
                counts |= self._level(m, level, lanes, bits, counts)
            kept = set(root.kept(cycle))
            counts = {
                key: self._register(m, value, f"count_{cycle}") for key, value in counts.items() if key[0] in kept
            }
            if cycle < root.cycle:
                # Complements too, as a carry chain cannot invert what enters it; those that nobody needs go away.
                bits = tuple(self._register(m, value, f"bits_{cycle}_{kind}") for kind, value in enumerate(bits))
        for row in range(len(self._words)):
            m.d.comb += self.counts[row].eq(counts[self._key(root, lanes[root], row)])
        return m

    def _level(self, m, nodes, lanes, bits, counts) -> dict[Key, Value]:
        """The different counts of all rows at one level of the tree."""
        # A dictionary, not a set: its order is the same in every run, and so is the Verilog.
        keys = {self._key(node, lanes[node], row): row for node in nodes for row in range(len(self._words))}
        agree = {key: [bits[self._words[row, lane]][lane] for lane in key[0].lanes] for key, row in keys.items()}
        if not nodes[0].parts:  # Leaves are a level of their own.
            return {key: count_in_logic(agree[key]) for key in keys}
        parts = [[counts[self._key(part, lanes[part], row)] for part in node.parts] for (node, _), row in keys.items()]
        sums = add_level(m, [node for node, _ in keys], list(agree.values()), parts, ADDER_BITS)
        return dict(zip(keys, sums, strict=True))

    def _key(self, node: CountNode, lanes: list[int], row: int) -> Key:
        return node, self._words[row, lanes].tobytes()

    def _register(self, m, value: Value, name: str) -> Signal:
        register = Signal(len(value), name=name, reset_less=True)
        m.d.sync += register.eq(value)
        return register


def _lanes(node: CountNode) -> list[int]:
    return [lane for below in node.nodes() for lane in below.lanes]
