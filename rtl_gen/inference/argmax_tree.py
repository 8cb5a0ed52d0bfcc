"""The index of the largest of some values."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import delay

__all__ = ["ArgmaxTree"]


class ArgmaxTree(wiring.Component):
    """`value` is the largest of `values`, which are unsigned, and `index` the lowest index among those that are it.

    Latency: `latency(count)` = ceil(log2 count) cycles, twice as many where it is `relaxed`: then a comparison has a
    cycle, and what it chooses the next one. Throughput: one set of values a cycle; it never stops.
    """

    def __init__(self, count: int, width: int, *, relaxed: bool = False) -> None:
        self._count = count
        self._relaxed = relaxed
        super().__init__(
            {"values": In(data.ArrayLayout(width, count)), "value": Out(width), "index": Out(range(count))}
        )

    @staticmethod
    def latency(count: int, *, relaxed: bool = False) -> int:
        """Cycles from `values` to `value` and `index`."""
        return (1 + relaxed) * (count - 1).bit_length()

    def elaborate(self, platform):
        m = Module()
        leaders = [(self.values[index], C(index, len(self.index))) for index in range(self._count)]
        for level in range(self.latency(self._count)):
            pairs = zip(leaders[::2], leaders[1::2], strict=False)
            following = [self._lead(m, *pair, f"{level}_{place}") for place, pair in enumerate(pairs)]
            if len(leaders) % 2:
                following.append(self._lead(m, leaders[-1], leaders[-1], f"{level}_last"))
            leaders = following
        m.d.comb += [self.value.eq(leaders[0][0]), self.index.eq(leaders[0][1])]
        return m

    def _lead(self, m, left, right, name):
        """The larger of two values with its index, a cycle later, or two; the left one where they are equal."""
        value = Signal(len(left[0]), name=f"value_{name}", reset_less=True)
        index = Signal(len(self.index), name=f"index_{name}", reset_less=True)
        right_leads = right[0] > left[0]
        if self._relaxed:
            right_leads, *kept = [delay(m, each, 1, reset_less=True) for each in (right_leads, *left, *right)]
            left, right = kept[:2], kept[2:]
        m.d.sync += [value.eq(Mux(right_leads, right[0], left[0])), index.eq(Mux(right_leads, right[1], left[1]))]
        return value, index
