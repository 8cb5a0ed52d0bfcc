"""Error propagation: what the layer below should have been."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import delay, next_index, sum_tree
from bephw.rtl_gen.compact.layouts import lesson_layout
from bephw.rtl_gen.compact.open_rows import open_row_layout
from bephw.rtl_gen.compact.plane import BankedReadSignature, plane_depth
from bephw.rtl_gen.sample_memory import ReaderSignature
from bephw.shape import LayerShape

__all__ = ["CreditUnit"]


class CreditUnit(wiring.Component):
    """Sums the open rows' opinions on every input of the layer (numerics.md section 4).

    For each word of `columns` inputs, all banks walk their lists at once: v_k is the number of open rows whose
    desired bit equals w[i, k], less the others; the desired bit of input k is the sign of v_k, and on a tie a_k
    (`keep`) or 1. One beat of `lessons` a word; a sample that does not teach is a single beat.

    Cycles for a sample that teaches: for each word the length of the longest bank's list (at least 1) and one more,
    and 6 for the sample. Closed rows cost none.
    """

    def __init__(self, shape: LayerShape, *, keep: bool) -> None:
        self._shape = shape
        self._keep = keep
        super().__init__(
            {
                "available": In(1),
                "teach": In(1),
                "learn": In(1),
                "counts": In(data.ArrayLayout(range(shape.groups + 1), shape.rows)),
                "read": Out(1),
                "read_index": Out(range(shape.groups)),
                "rows": In(data.ArrayLayout(open_row_layout(shape), shape.rows)),
                "release": Out(1),
                "frozen_base": In(range(plane_depth(shape))),
                "plane": Out(BankedReadSignature(shape)),
                "inputs": Out(ReaderSignature(shape.columns, shape.words)),
                "lessons": Out(stream.Signature(lesson_layout(shape.columns))),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        enable = Signal()
        m.d.comb += enable.eq(~self.lessons.valid | self.lessons.ready)
        step, word, present = self._walk(m, enable)
        weights, desired, present = self._read_plane(m, enable, word, present)
        opinions = self._count(m, enable, weights, desired, present)
        # list, address, plane, register behind it, column counts
        self._decide(m, enable, opinions, delay(m, step, 5, enable), delay(m, word, 5, enable))
        return m

    def _walk(self, m, enable):
        """Position in the lists inside, word outside; the last step of a sample waits until its lesson has left."""
        shape = self._shape
        step = Signal(data.StructLayout({"valid": 1, "last": 1, "final": 1}))
        word, index = Signal(range(shape.words)), Signal(range(shape.groups))
        walked, pausing, exhausted, last_word = Signal(), Signal(), Signal(), Signal()
        present = Signal(shape.rows)
        m.d.comb += [
            present.eq(Cat(self.teach & (index < self.counts[bank]) for bank in range(shape.rows))),
            exhausted.eq(~self.teach | Cat(index + 1 >= self.counts[bank] for bank in range(shape.rows)).all()),
            last_word.eq(~self.teach | (word == shape.words - 1)),
            # After each word a pause, in which the sums go back to zero.
            step.valid.eq(self.available & ~walked & ~pausing),
            step.last.eq(exhausted),
            step.final.eq(last_word),
            self.read.eq(enable),
            self.read_index.eq(index),
            self.busy.eq(step.valid & self.teach & enable),
            self.release.eq(self.lessons.valid & self.lessons.ready & self.lessons.payload.last),
        ]
        with m.If(enable):
            m.d.sync += pausing.eq(step.valid & exhausted)
        with m.If(step.valid & enable):
            m.d.sync += index.eq(index + 1)
            with m.If(exhausted):
                m.d.sync += [index.eq(0), word.eq(next_index(word, shape.words)), walked.eq(last_word)]
                with m.If(last_word):
                    m.d.sync += word.eq(0)
        with m.If(self.release):
            m.d.sync += walked.eq(0)
        return step, word, present

    def _read_plane(self, m, enable, word, present):
        """Fetch each bank's open row: list, then address, then plane, each a cycle."""
        shape = self._shape
        start = Signal(range(plane_depth(shape)))
        m.d.comb += [start.eq(self.frozen_base + delay(m, word, 1, enable)), self.plane.enable.eq(enable)]
        with m.If(enable):
            for bank in range(shape.rows):
                m.d.sync += self.plane.address[bank].eq(start + self.rows[bank].plane)
        desired = Cat(self.rows[bank].desired for bank in range(shape.rows))
        weights = delay(m, self.plane.data, 1, enable)
        return weights, delay(m, desired, 3, enable), delay(m, present, 4, enable)

    def _count(self, m, enable, weights, desired, present):
        """For each column, the open rows at hand that want a 1, less those that want a 0."""
        shape = self._shape
        net = range(-shape.rows, shape.rows + 1)
        opinions = [Signal(net, name=f"opinions_{column}") for column in range(shape.columns)]
        with m.If(enable):
            for column, opinion in enumerate(opinions):
                agree = [present[bank] & ~(weights[bank][column] ^ desired[bank]) for bank in range(shape.rows)]
                m.d.sync += opinion.eq((sum_tree(agree) << 1) - sum_tree(present))
        return opinions

    def _decide(self, m, enable, opinions, step, word):
        """Add up v, and take its sign after the last row."""
        shape, lesson = self._shape, self.lessons.payload
        decided = delay(m, step, 1, enable)
        undecided_bits = self.inputs.data if self._keep else C(-1, shape.columns)
        m.d.comb += [self.inputs.index.eq(word), self.inputs.read.eq(enable), self.inputs.done.eq(self.release)]
        with m.If(enable):
            m.d.sync += [
                self.lessons.valid.eq(decided.valid & decided.last),
                lesson.last.eq(decided.final),
                lesson.teach.eq(self.teach),
                lesson.learn.eq(self.learn),
            ]
        for column, opinion in enumerate(opinions):
            v = Signal(signed(shape.outputs.bit_length() + 1), name=f"v_{column}")
            with m.If(enable):
                m.d.sync += lesson.data[column].eq(Mux(v == 0, undecided_bits[column], v > 0))
                with m.If(decided.valid & decided.last):
                    m.d.sync += v.eq(0)
                with m.Elif(step.valid):
                    m.d.sync += v.eq(v + opinion)
