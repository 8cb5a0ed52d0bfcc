"""The levels of a `CountNode` tree in plain logic and additions."""

from collections.abc import Sequence

from amaranth.hdl import *

from bephw.rtl_gen.popcount.count_tree import CountNode

__all__ = ["add_level", "batches", "count_in_logic"]


def count_in_logic(agree: Sequence[Value]) -> Value:
    """The count of up to four bits, without an adder."""
    if len(agree) == 1:
        return agree[0]
    odd, both = agree[0] ^ agree[1], agree[0] & agree[1]
    if len(agree) == 2:
        return Cat(odd, both)
    if len(agree) == 3:
        return Cat(odd ^ agree[2], both | (odd & agree[2]))
    other_odd, other_both = agree[2] ^ agree[3], agree[2] & agree[3]
    return Cat(odd ^ other_odd, both ^ other_both ^ (odd & other_odd), both & other_both)


def batches(groups: Sequence[list[CountNode]], most: int) -> list[list[CountNode]]:
    """Groups of nodes, joined in order while they take no more than `most` slots."""
    joined: list[list[CountNode]] = []
    room = 0
    for group in groups:
        slots = sum(_slots(node) for node in group)
        if slots > room:
            joined.append([])
            room = most
        joined[-1].extend(group)
        room -= slots
    return joined


def add_level(
    m: Module,
    nodes: Sequence[CountNode],
    carries: Sequence[Sequence[Value]],
    parts: Sequence[Sequence[Value]],
    adder_bits: int,
) -> list[Value]:
    """The sums of one level: of each node's two `parts` and of the lane, if any, in `carries`.

    They are joined into additions of up to `adder_bits` bits. Between two sums lies a bit that is the same in both
    addends, so that it shows the carry of the sum below, and starts the sum above with the lane that enters it: a carry
    on its way out and a lane on its way in share a bit.
    """
    results: list[Value] = []
    for batch in batches([[node] for node in nodes], adder_bits):
        first = len(results)
        addends: tuple[list[Value], list[Value]] = ([], [])
        starts, length = [], 0
        for index, node in enumerate(batch, first):
            for addend, part in zip(addends, parts[index], strict=True):
                addend += [*(carries[index] or [C(0, 1)]), part, C(0, _slots(node) - 1 - len(part))]
            starts.append(length + 1)
            length += _slots(node)
        sums = Signal(length + 1, name=f"sums_{nodes[0].depth}_{first}")
        m.d.comb += sums.eq(Cat(*addends[0]) + Cat(*addends[1]))
        results += [sums[start : start + node.width] for start, node in zip(starts, batch, strict=True)]
    return results


def _slots(node: CountNode) -> int:
    """The carry, and a slot for every bit of the larger part (of a leaf: one for two lanes)."""
    return 1 + max((part.width for part in node.parts), default=1)
