"""Which element of the state is the last one of its space."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["DumpEnds"]


class DumpEnds(wiring.Component):
    """Counts the elements that leave by the dump stream, for TLAST of them.

    `start`: a dump begins, of the space that `space` names; space k has `elements[k]` of them. `last`: the next element
    to leave is the last one; `dumped`: one leaves.
    """

    def __init__(self, elements: Sequence[int]) -> None:
        self._elements = tuple(elements)
        super().__init__({"start": In(1), "space": In(16), "dumped": In(1), "last": Out(1)})

    def elaborate(self, platform):
        m = Module()
        left = Signal(range(max(self._elements)))  # behind the next one
        m.d.comb += self.last.eq(left == 0)
        with m.If(self.dumped):
            m.d.sync += left.eq(left - 1)
        with m.If(self.start), m.Switch(self.space):
            for space, elements in enumerate(self._elements):
                with m.Case(space):
                    m.d.sync += left.eq(elements - 1)
        return m
