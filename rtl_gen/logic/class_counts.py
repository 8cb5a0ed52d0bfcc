"""How many outputs of each class are active."""

from collections.abc import Sequence

import numpy as np
from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.match_counts import MatchCounts
from bephw.rtl_gen.logic.netlist import FALSE, TRUE

__all__ = ["ClassCounts", "counted_literals"]


def counted_literals(outputs: Sequence[int], classes: int) -> list[list[int]]:
    """The literals that count for each class: of the constants among `outputs` those that are 1, and of these only as
    many as one class has more than another, as no class leads by what all have."""
    each = len(outputs) // classes
    groups = [outputs[first : first + each] for first in range(0, len(outputs), each)]
    common = min(group.count(TRUE) for group in groups)
    return [_live(group) + [TRUE] * (group.count(TRUE) - common) for group in groups]


def _live(group: Sequence[int]) -> list[int]:
    return [literal for literal in group if literal not in (FALSE, TRUE)]


class ClassCounts(wiring.Component):
    """`counts[k]` is the number of ones in `bits[k]`, of `bits` vectors of `lanes` bits each, with an addition
    between two registers.

    Latency: `latency(lanes)` cycles. Throughput: one set of vectors a cycle; it never stops. `bits` should come from
    registers.
    """

    def __init__(self, classes: int, lanes: int) -> None:
        self._classes, self._lanes = classes, lanes
        super().__init__(
            {
                "bits": In(data.ArrayLayout(lanes, classes)),
                "counts": Out(data.ArrayLayout(range(lanes + 1), classes)),
            }
        )

    @staticmethod
    def latency(lanes: int) -> int:
        """Cycles from `bits` to `counts`."""
        return MatchCounts.latency(lanes)

    def elaborate(self, platform):
        m = Module()
        ones = np.ones((1, self._lanes), np.uint8)
        for index in range(self._classes):
            m.submodules[f"class_{index}"] = matches = MatchCounts(ones)
            m.d.comb += [matches.bits.eq(self.bits[index]), self.counts[index].eq(matches.counts[0])]
        return m
