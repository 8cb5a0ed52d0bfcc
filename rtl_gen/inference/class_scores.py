"""Scores of classes, each with a scale and an offset of its own that never change."""

from collections.abc import Iterator, Sequence

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import delay, pipelined_sum
from bephw.shape import ceil_div

__all__ = ["ClassScores", "score_width"]

TABLE_BITS = 4  # of a count that go into one table: a LUT4 for each bit of what comes out


def score_width(inputs: int, scales: Sequence[int], offsets: Sequence[int]) -> int:
    """Bits of the largest score that classes with up to `inputs` matches can have."""
    largest = max(int(scale) * inputs + int(offset) for scale, offset in zip(scales, offsets, strict=True))
    return max(1, largest.bit_length())


class ClassScores(wiring.Component):
    """`scores[c]` is `scales[c] * counts[c] + offsets[c]` (numerics.md section 2), for all classes at once.

    `counts` are 0 to `inputs`, of as many bits as that takes, and should come from registers; `scores` have `width`
    bits, as many as the largest one takes.

    Products are not computed but looked up: of four bits of a count in a table with a LUT a bit. The offset is in one
    of the tables.

    Latency: `latency(inputs)` cycles, the tables and the tree that adds what they have. Throughput: one set of counts a
    cycle; it never stops.
    """

    def __init__(self, inputs: int, scales: Sequence[int], offsets: Sequence[int]) -> None:
        self._inputs = inputs
        self._scales = [int(scale) for scale in scales]
        self._offsets = [int(offset) for offset in offsets]
        self.width = score_width(inputs, scales, offsets)
        classes = len(self._scales)
        super().__init__(
            {
                "counts": In(data.ArrayLayout(range(inputs + 1), classes)),
                "scores": Out(data.ArrayLayout(self.width, classes)),
            }
        )

    @staticmethod
    def latency(inputs: int) -> int:
        """Cycles from `counts` to `scores`."""
        return 1 + _adder_levels(inputs)

    def elaborate(self, platform):
        m = Module()
        for index, (scale, offset) in enumerate(zip(self._scales, self._offsets, strict=True)):
            terms = [delay(m, entry, 1, reset_less=True) for entry in self._entries(self.counts[index], scale, offset)]
            m.d.comb += self.scores[index].eq(pipelined_sum(m, terms, _adder_levels(self._inputs)))
        return m

    def _entries(self, count: Value, scale: int, offset: int) -> Iterator[Value]:
        """What each piece of a count adds to the score, the lowest piece the offset too."""
        mask = (1 << self.width) - 1
        for start in range(0, len(count), TABLE_BITS):
            piece = count[start : start + TABLE_BITS]
            added = 0 if start else offset
            table = [(scale * (value << start) + added) & mask for value in range(1 << len(piece))]
            yield Array(C(entry, self.width) for entry in table)[piece]


def _adder_levels(inputs: int) -> int:
    return (ceil_div(inputs.bit_length(), TABLE_BITS) - 1).bit_length()
