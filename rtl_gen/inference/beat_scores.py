"""Scores of classes whose numbers of matches come in beats."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.beat_table import BeatTable
from bephw.rtl_gen.inference.class_scores import score_width
from bephw.rtl_gen.inference.streams import beat_layout
from bephw.rtl_gen.parts.arithmetic import delay, pipelined_sum
from bephw.shape import LayerShape

__all__ = ["BeatScores"]


class BeatScores(wiring.Component):
    """`scores` has, in the beats of `counts`, `scales[c] * matches + offsets[c]` of each class (numerics.md section 2).

    `counts` has numbers of matches, of `shape.z_bits` bits, for `shape.outputs` classes, in the beats
    `shape.all_beats()`; scores have `width` bits, as many as the largest takes. Places without a class may hold
    anything.

    Scales and offsets of a beat's classes come from a table. A product is a sum over the bits of the count; where all
    classes have one scale, a power of two, nothing is multiplied.

    Latency: `latency(shape)` cycles. Throughput: one beat a cycle; it never stops.
    """

    def __init__(self, shape: LayerShape, scales: Sequence[int], offsets: Sequence[int]) -> None:
        self._shape = shape
        self._scales = [int(scale) for scale in scales]
        self._offsets = [int(offset) for offset in offsets]
        self.width = score_width(shape.inputs, scales, offsets)
        self._scale_bits = max(1, *(scale.bit_length() for scale in self._scales))
        super().__init__(
            {
                "counts": In(beat_layout(shape.scan * shape.z_bits)),
                "scores": Out(beat_layout(shape.scan * self.width)),
            }
        )

    @staticmethod
    def latency(shape: LayerShape) -> int:
        """Cycles from a beat of counts to that of scores: the table, then the terms, one for each bit of a count and
        the offset."""
        return BeatTable.LATENCY + _adder_levels(shape)

    def elaborate(self, platform):
        m = Module()
        shape, width = self._shape, self.width
        numbers = delay(m, self.counts.data, BeatTable.LATENCY, reset_less=True)
        entries = self._read_table(m)
        for place in range(shape.scan):
            number = numbers.word_select(place, shape.z_bits)
            entry = entries.word_select(place, self._entry_bits)
            offset, scale = entry[:width], entry[width:]
            score = pipelined_sum(m, [*self._products(number, scale), offset], _adder_levels(shape))
            m.d.comb += self.scores.data.word_select(place, width).eq(score)
        flags = Cat(self.counts.valid, self.counts.last)
        m.d.comb += Cat(self.scores.valid, self.scores.last).eq(delay(m, flags, self.latency(shape)))
        return m

    @property
    def _shared_shift(self) -> int | None:
        """Where all scales are one power of two, which."""
        scale = self._scales[0]
        shared = set(self._scales) == {scale} and scale.bit_count() == 1
        return scale.bit_length() - 1 if shared else None

    @property
    def _entry_bits(self) -> int:
        """Of the table, for one class: its offset, and where classes differ its scale."""
        return self.width + (self._scale_bits if self._shared_shift is None else 0)

    def _read_table(self, m: Module) -> Value:
        """Offset and scale of each class of the beat, when its numbers are there."""
        words = []
        for beat in self._shape.all_beats():
            entries = (self._offsets[output] | self._scales[output] << self.width for output in beat)
            mask = (1 << self._entry_bits) - 1
            words.append(sum((entry & mask) << place * self._entry_bits for place, entry in enumerate(entries)))
        m.submodules.table = table = BeatTable(self._shape.scan * self._entry_bits, words)
        m.d.comb += table.valid.eq(self.counts.valid)
        return table.word

    def _products(self, number: Value, scale: Value) -> list[Value]:
        """Terms whose sum is the product."""
        if self._shared_shift is not None:
            return [Cat(C(0, self._shared_shift), number)]
        return [Cat(C(0, bit), scale & number[bit].replicate(len(scale))) for bit in range(len(number))]


def _adder_levels(shape: LayerShape) -> int:
    return shape.z_bits.bit_length()  # of a tree of z_bits + 1 terms
