"""Error propagation: what the layer below should have been."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import delay, places_left, sum_tree
from bephw.rtl_gen.layouts import lesson_layout
from bephw.rtl_gen.open_rows import open_row_layout
from bephw.rtl_gen.plane import BankedReadSignature
from bephw.rtl_gen.sample_memory import ReaderSignature
from bephw.shape import LayerShape

__all__ = ["BEYOND", "OUTSTANDING", "CreditUnit"]

BEYOND = 2  # cycles from a step until it is known that no list goes so far
OUTSTANDING = 4  # words begun whose lesson has not been taken


class CreditUnit(wiring.Component):
    """Sums the open rows' opinions on every input of the layer (numerics.md section 4).

    For each word of `columns` inputs, all banks walk their lists at once: v_k is the number of open rows whose
    desired bit equals w[i, k], less the others; the desired bit of input k is the sign of v_k, and on a tie a_k
    (`keep`) or 1. One beat of `lessons` a word; a sample that does not teach is a single beat.

    Cycles for a sample that teaches: for the first word the length of the longest bank's list and `BEYOND` + 1, for
    each other one that length (at least 1); and one cycle to give the lists up. Closed rows cost none. Latency:
    `LATENCY` + 1 cycles from a word's last row to its beat. A word is begun only after the beat of the last but
    `OUTSTANDING` has been taken: so short lists leave cycles unused.
    """

    LATENCY = 9  # list, its register, address, plane and its register, agreement, two of counting, sum

    def __init__(self, shape: LayerShape, *, keep: bool) -> None:
        self._shape = shape
        self._keep = keep
        self._lesson = lesson_layout(shape.columns)
        super().__init__(
            {
                "available": In(1),
                "teach": In(1),
                "learn": In(1),
                "counts": In(data.ArrayLayout(range(shape.groups + 1), shape.rows)),
                "total": In(range(shape.outputs + 1)),
                "read": Out(1),
                "read_index": Out(range(shape.groups)),
                "rows": In(data.ArrayLayout(open_row_layout(shape), shape.rows)),
                "release": Out(1),
                "plane": Out(BankedReadSignature(shape)),
                "inputs": Out(ReaderSignature(shape.columns, shape.words)),
                "lessons": Out(stream.Signature(self._lesson)),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.lessons_sent = fifo = SyncFIFO(width=self._lesson.size, depth=OUTSTANDING)
        step, word, present = self._walk(m, self._limit(m))
        weights, desired, present = self._read_plane(m, word, present)
        votes = self._count(m, weights, desired, present)
        late = delay(m, step, 7)
        inputs = self._read_inputs(m, late, delay(m, word, 7, reset_less=True))
        self._decide(m, fifo, votes, inputs, delay(m, late, 1))
        m.d.comb += [
            self.lessons.valid.eq(fifo.r_rdy),
            self.lessons.payload.as_value().eq(fifo.r_data),
            fifo.r_en.eq(self.lessons.ready),
        ]
        return m

    def _step_layout(self):
        return data.StructLayout(
            {
                "valid": 1,
                "first": 1,
                "last": 1,
                "final": 1,
                "teach": 1,
                "learn": 1,
                "total": range(self._shape.outputs + 1),
            }
        )

    def _limit(self, m):
        """A word is begun only if there is a place for its lesson; returns the place's state and how to take one."""
        begun = Signal()
        return places_left(m, OUTSTANDING, begun, self.lessons.valid & self.lessons.ready), begun

    def _walk(self, m, limit):
        """Position in the lists inside, word outside; for each step, a cycle later, which banks have a row."""
        shape, (room, begun) = self._shape, limit
        step, inside, released = Signal(self._step_layout()), Signal(), Signal()
        word, index = Signal(range(shape.words)), Signal(range(shape.groups + BEYOND + 1))
        present = Signal(shape.rows)
        m.d.comb += [
            step.valid.eq(self.available & ~released & (inside | room)),
            step.first.eq(~inside),
            step.last.eq(~self.teach | self._find_end(m, step, index, present)),
            step.final.eq(~self.teach | (word == shape.words - 1)),
            step.teach.eq(self.teach),
            step.learn.eq(self.learn),
            step.total.eq(self.total),
            begun.eq(step.valid & step.first),
            self.read.eq(1),
            self.read_index.eq(index),
            self.busy.eq(step.valid & self.teach),
            self.release.eq(released),
        ]
        m.d.sync += [
            present.eq(Cat(self.teach & (index < self.counts[bank]) for bank in range(shape.rows))),
            released.eq(step.valid & step.last & step.final),
        ]
        with m.If(step.valid):
            m.d.sync += [inside.eq(~step.last), index.eq(Mux(step.last, 0, index + 1))]
            with m.If(step.last):
                m.d.sync += word.eq(Mux(step.final, 0, word + 1))
        return step, word, present

    def _find_end(self, m, step, index, present):
        """Whether this is a word's last step. The first word finds the end of the longest list when it is `BEYOND` it,
        for a comparison of all lists takes as many cycles; in the other words it is known."""
        left = Signal(range(-BEYOND - 2, self._shape.groups), name="left")  # below 0 at the last step
        reload = Signal.like(left, name="reload")
        first_word = Signal(init=1, name="first_word")
        some = Signal(name="some")
        beyond = Signal(name="beyond")
        ended = Signal(name="ended")
        m.d.sync += some.eq(present.any())
        m.d.comb += ended.eq(Mux(first_word, beyond & ~some, left[-1]))
        with m.If(step.valid):
            m.d.sync += [beyond.eq(~step.last & (index != 0)), left.eq(Mux(ended, reload, left - 1))]
            with m.If(ended):
                m.d.sync += first_word.eq(step.final)
            with m.If(ended & first_word):
                m.d.sync += [left.eq(index - BEYOND - 2), reload.eq(index - BEYOND - 2)]
        return ended

    def _read_plane(self, m, word, present):
        """Fetch each bank's open row: list and its register, address, plane and its register."""
        shape = self._shape
        rows = Signal.like(self.rows, reset_less=True)
        m.d.sync += rows.eq(self.rows)
        column_word = delay(m, word, 2, reset_less=True)
        for bank in range(shape.rows):
            m.d.sync += self.plane.address[bank].eq(rows[bank].plane + column_word)
        desired = Cat(rows[bank].desired for bank in range(shape.rows))
        return self.plane.data, delay(m, desired, 3, reset_less=True), delay(m, present, 4, reset_less=True)

    def _count(self, m, weights, desired, present):
        """For each column, how many of the open rows at hand want a 1."""
        shape = self._shape
        return [
            self._pipelined_sum(
                m, [present[bank] & ~(weights[bank][column] ^ desired[bank]) for bank in range(shape.rows)]
            )
            for column in range(shape.columns)
        ]

    def _pipelined_sum(self, m, votes):
        """Three stages: the votes, sums of eight, the sum."""
        registered = Signal(len(votes), reset_less=True)
        m.d.sync += registered.eq(Cat(votes))
        pieces = [registered[at : at + 8] for at in range(0, len(votes), 8)]
        partial = [Signal(range(len(piece) + 1), reset_less=True) for piece in pieces]
        m.d.sync += [count.eq(sum_tree(piece)) for count, piece in zip(partial, pieces, strict=True)]
        total = Signal(range(len(votes) + 1), reset_less=True)
        m.d.sync += total.eq(sum_tree(partial))
        return total

    def _read_inputs(self, m, step, word):
        """The layer's inputs, for ties: from the memory and its register two cycles later."""
        m.d.comb += [
            self.inputs.index.eq(word),
            self.inputs.read.eq(1),
            self.inputs.done.eq(step.valid & step.last & step.final),
        ]
        return delay(m, self.inputs.data, 1, reset_less=True)

    def _decide(self, m, fifo, votes, inputs, step):
        """Add up the votes, starting from minus half the open rows, and take the sign after the last row."""
        shape, lesson = self._shape, Signal(self._lesson)
        decided, even = delay(m, step, 1), Signal()
        m.d.comb += [
            even.eq(~decided.total[0]),
            lesson.last.eq(decided.final),
            lesson.teach.eq(decided.teach),
            lesson.learn.eq(decided.learn),
        ]
        undecided = inputs if self._keep else C(-1, shape.columns)
        for column, vote in enumerate(votes):
            lead = Signal(signed(shape.outputs.bit_length() + 1), name=f"lead_{column}")
            start = -(step.total >> 1)
            with m.If(step.valid):
                m.d.sync += lead.eq(Mux(step.first, start, lead) + vote)
            # Twice the lead is v, or v - 1 where the number of open rows is odd: no tie then.
            m.d.comb += lesson.data[column].eq(Mux(lead == 0, even & undecided[column], ~lead[-1]))
        m.d.comb += [fifo.w_en.eq(decided.valid & decided.last), fifo.w_data.eq(lesson)]
