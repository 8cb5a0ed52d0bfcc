"""The class with the largest number, of numbers that come in beats."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.argmax_tree import ArgmaxTree
from bephw.rtl_gen.inference.beat_table import BeatTable
from bephw.rtl_gen.inference.streams import beat_layout
from bephw.rtl_gen.parts.arithmetic import delay
from bephw.shape import LayerShape

__all__ = ["BeatArgmax"]


class BeatArgmax(wiring.Component):
    """`label` is, where `done`, the class with the largest number of `counts`, the lowest one among equals.

    `counts` has unsigned numbers of `width` bits for `shape.outputs` classes, in the beats `shape.all_beats()`: numbers
    of matches, of `shape.z_bits` bits, where no `width` is given (the logit y = 2 * matches - K_L of numerics.md
    section 2 is largest where there are most), or scores.

    Latency: `latency(shape)` cycles from a sample's last beat to `done`. Throughput: one beat a cycle.
    """

    def __init__(self, shape: LayerShape, width: int | None = None) -> None:
        self._shape = shape
        self._width = shape.z_bits if width is None else width
        super().__init__(
            {
                "counts": In(beat_layout(shape.scan * self._width)),
                "done": Out(1),
                "label": Out(range(shape.outputs)),
            }
        )

    @staticmethod
    def latency(shape: LayerShape) -> int:
        """Cycles from the last beat to `done`: the table of beats, the largest of a beat, the largest so far."""
        return BeatTable.LATENCY + ArgmaxTree.latency(shape.scan) + 1

    def elaborate(self, platform):
        m = Module()
        shape, counts = self._shape, self.counts
        m.submodules.tree = tree = ArgmaxTree(shape.scan, self._width)
        depth = ArgmaxTree.latency(shape.scan)
        first_class, used = self._describe_beats(m)
        numbers = delay(m, counts.data, BeatTable.LATENCY, reset_less=True)
        for place in range(shape.scan):
            # Places behind the last class get the least number: the classes before them win.
            number = numbers.word_select(place, self._width)
            m.d.comb += tree.values[place].eq(number & used[place].replicate(self._width))

        valid, last = (delay(m, flag, BeatTable.LATENCY + depth) for flag in (counts.valid, counts.last))
        label = delay(m, first_class, depth, reset_less=True) + tree.index
        best, first = Signal(self._width, reset_less=True), Signal(init=1)
        m.d.sync += self.done.eq(valid & last)
        with m.If(valid):
            m.d.sync += first.eq(last)
            with m.If(first | (tree.value > best)):
                m.d.sync += [best.eq(tree.value), self.label.eq(label)]
        return m

    def _describe_beats(self, m):
        """The first class of a beat, and which of its places hold one, when its numbers are there."""
        shape, bits = self._shape, len(self.label)
        words = [beat.start | ((1 << len(beat)) - 1) << bits for beat in shape.all_beats()]
        m.submodules.table = table = BeatTable(bits + shape.scan, words)
        m.d.comb += table.valid.eq(self.counts.valid)
        return table.word[:bits], table.word[bits:]
