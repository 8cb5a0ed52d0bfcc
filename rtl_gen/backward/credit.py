"""Error propagation: what the layer below should have been."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.backward.open_rows import open_row_layout
from bephw.rtl_gen.backward.vote_sum import VoteSum
from bephw.rtl_gen.parts.arithmetic import cleared_by, count_up, delay, places_left
from bephw.rtl_gen.parts.layouts import lesson_layout, record_index, record_words, step_field, step_layout
from bephw.rtl_gen.popcount.vote_count import VoteCount
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.rtl_gen.weights.plane import BankedReadSignature
from bephw.shape import LayerShape

__all__ = ["BEYOND", "OUTSTANDING", "CreditUnit"]

BEYOND = 2  # cycles from a step until it is known that no list goes so far
OUTSTANDING = 2  # words begun whose lesson has not been taken


class CreditUnit(wiring.Component):
    """Sums the open rows' opinions on every input of the layer (numerics.md section 4).

    Of a cell only its state is an input that is told something: of the words that hold any of it, and of the step
    `at` which the list was made, for the step before.

    For each word of `columns` inputs, all banks walk their lists at once: v_k is the number of open rows whose
    desired bit equals w[i, k], less the others; the desired bit of input k is the sign of v_k, and on a tie a_k
    (`keep`) or 1. One beat of `lessons` a word; a sample that does not teach is a single beat.

    How many rows are open is not needed, only whether their number is `odd`: a bank whose list has ended votes too, in
    all columns alike, by turns against and for, so that every step has as many votes, half of which is a constant.

    Cycles for a sample that teaches: for the first word the length of the longest bank's list and `BEYOND` + 1, for
    each other one that length (at least 1); and one cycle to give the lists up. Closed rows cost none. Latency:
    `latency(shape)` + 1 cycles from a word's last row to its beat. A word is begun only after the beat of the last but
    `OUTSTANDING` has been taken: so short lists leave cycles unused.
    """

    def __init__(self, shape: LayerShape, *, keep: bool, planes: int = 1) -> None:
        self._shape = shape
        self._planes = planes
        self._keep = keep
        self._lesson = lesson_layout(shape.columns)
        super().__init__(
            {
                "available": In(1),
                "teach": In(1),
                "learn": In(1),
                "counts": In(data.ArrayLayout(range(shape.groups + 1), shape.rows)),
                "odd": In(1),
                "read": Out(1),
                "read_index": Out(range(shape.groups)),
                "rows": In(data.ArrayLayout(open_row_layout(shape), shape.rows)),
                "release": Out(1),
                "plane": Out(BankedReadSignature(shape, planes)),
                "inputs": Out(ReaderSignature(shape.columns, record_words(shape, shape.words))),
                **({} if shape.steps is None else {"at": In(step_layout(shape))}),
                "lessons": Out(stream.Signature(self._lesson)),
                "busy": Out(1),
            }
        )

    @staticmethod
    def latency(shape: LayerShape) -> int:
        """Cycles: list, its register, address, plane and its register, votes and their count, sum."""
        return 6 + VoteCount.latency(shape.rows)

    def elaborate(self, platform):
        m = Module()
        m.submodules.lessons_sent = fifo = SyncFIFO(width=self._lesson.size, depth=OUTSTANDING)
        step, word, present = self._walk(m, self._limit(m))
        steps = [step]
        for _ in range(self.latency(self._shape) - 1):
            steps.append(delay(m, steps[-1], 1))
        idle_votes, spare_vote = self._vote_for_absent(m, steps[1], present)
        weights, wishes, present = self._read_plane(m, word, delay(m, present, 1, reset_less=True), idle_votes)
        inputs, spare_vote = self._read_inputs(m, *steps[-3:-1]), delay(m, spare_vote, len(steps) - 3, reset_less=True)
        desired = self._count(m, weights, wishes, present, inputs, steps[-1], spare_vote)
        self._send(m, fifo, desired, steps[-1])
        m.d.comb += [
            self.lessons.valid.eq(fifo.r_rdy),
            self.lessons.payload.as_value().eq(fifo.r_data),
            fifo.r_en.eq(self.lessons.ready),
        ]
        return m

    def _step_layout(self):
        return data.StructLayout(
            {"valid": 1, "last": 1, "final": 1, "teach": 1, "learn": 1, "odd": 1, **step_field(self._shape)}
        )

    def _limit(self, m):
        """A word is begun only if there is a place for its lesson; returns the place's state and how to take one."""
        begun = Signal()
        return places_left(m, OUTSTANDING, begun, self.lessons.valid & self.lessons.ready), begun

    def _walk(self, m, limit):
        """Position in the lists inside, word outside; for each step, a cycle later, which banks have a row."""
        shape, (room, begun) = self._shape, limit
        step, inside, released = Signal(self._step_layout()), Signal(), Signal()
        word = Signal(range(len(shape.passed_on_words)), reset_less=True)
        index = Signal(range(shape.groups + BEYOND + 1), reset_less=True)
        present = Signal(shape.rows)
        m.d.comb += [
            step.valid.eq(self.available & ~released & (inside | room)),
            step.last.eq(~self.teach | self._find_end(m, step, index, present)),
            step.final.eq(~self.teach | (word == len(shape.passed_on_words) - 1)),
            step.teach.eq(self.teach),
            step.learn.eq(self.learn),
            step.odd.eq(self.odd),
            begun.eq(step.valid & ~inside),
            self.read.eq(1),
            self.read_index.eq(index),
            self.busy.eq(step.valid & self.teach),
            self.release.eq(released),
        ]
        if shape.steps is not None:
            m.d.comb += step.at.eq(self.at)
        m.d.sync += [
            present.eq(Cat(self.teach & (index < self.counts[bank]) for bank in range(shape.rows))),
            released.eq(step.valid & step.last & step.final),
        ]
        with m.If(step.valid):
            m.d.sync += inside.eq(~step.last)
        count_up(m, index, step.valid, step.last)
        count_up(m, word, step.valid & step.last, step.final)
        return step, self._column_word(word), present

    def _column_word(self, word):
        """The word itself, but where the first words of the layer are of inputs that nobody is to be told of."""
        first = self._shape.passed_on_words.start
        return word + first if first else word

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

    def _vote_for_absent(self, m, step, present):
        """What banks without a row vote, a cycle later: one after the other 0 and 1, from each word's first step on.
        Where the banks are odd in number another vote makes them even; it is the first of every step."""
        absent = [C(1), *~present] if self._shape.rows % 2 else [*~present]
        turn = Signal()
        votes, following = [], turn
        for missing in absent:
            votes.append(following)
            following = following ^ missing
        with m.If(step.valid):
            m.d.sync += turn.eq(following & ~step.last)
        registered = Signal(len(votes), reset_less=True)
        m.d.sync += registered.eq(Cat(votes))
        return registered[-self._shape.rows :], registered[0] if self._shape.rows % 2 else C(0)

    def _read_plane(self, m, word, present, idle_votes):
        """Fetch each bank's open row: list and its register, address, plane and its register. With it comes the row's
        wish, or the vote of the bank that has none."""
        shape = self._shape
        rows = Signal.like(self.rows, reset_less=True)
        m.d.sync += rows.eq(self.rows)
        column_word = delay(m, word, 2, reset_less=True)
        if self._planes > 1:
            column_word = column_word + self.plane.base
        for bank in range(shape.rows):
            m.d.sync += self.plane.address[bank].eq(rows[bank].plane + column_word)
        wishes = Signal(shape.rows, reset_less=True)
        m.d.sync += wishes.eq(
            Cat(Mux(present[bank], rows[bank].desired, idle_votes[bank]) for bank in range(shape.rows))
        )
        return self.plane.data, delay(m, wishes, 2, reset_less=True), delay(m, present, 3, reset_less=True)

    def _read_inputs(self, m, before, step):
        """The layer's inputs, for ties: from the memory and its register two cycles later."""
        shape = self._shape
        word = Signal(range(len(shape.passed_on_words)), name="word_of_inputs")
        with m.If(before.valid & before.last):
            m.d.sync += word.eq(Mux(before.final, 0, word + 1))
        m.d.comb += [
            self.inputs.index.eq(record_index(shape, self._column_word(word), shape.words, before)),
            self.inputs.read.eq(1),
            self.inputs.done.eq(step.valid & step.last & step.final),
        ]
        return delay(m, self.inputs.data, 1, reset_less=True)

    def _count(self, m, weights, wishes, present, inputs, step, spare_vote):
        """Add up the votes for a 0 less those for a 1, halved, starting from -1: the sign is the desired bit.

        What makes it up to 0 comes with the first step: nothing on a tie that gives a 1, else 1. For an odd number of
        rows, which knows no tie, the sum is a half too low, for there is one more vote of absent banks for a 1.
        """
        shape, more, tie, clear, first = self._shape, Signal(), Signal(), Signal(), Signal(init=1)
        most = (1 << (shape.outputs // 2 + 2).bit_length()) - 1
        with m.If(step.valid):
            m.d.sync += first.eq(step.last)
        m.d.comb += [
            more.eq(Mux(first, step.odd, spare_vote)),
            tie.eq(first & ~step.odd),
            clear.eq(cleared_by(step.valid & step.last)),
        ]
        sums = [VoteSum(shape.rows, -1, -most - 1, most) for _ in range(shape.columns)]
        for column, total in enumerate(sums):
            m.submodules[f"votes_{column}"] = total
            m.d.comb += [
                total.weights.eq(Cat(word[column] for word in weights)),
                total.present.eq(present),
                total.wishes.eq(wishes),
                total.valid.eq(step.valid),
                total.clear.eq(clear),
                total.more.eq(more),
                total.tie.eq(tie),
                total.zero.eq(~inputs[column] if self._keep else 0),
            ]
        return Cat(total.desired for total in sums)

    def _send(self, m, fifo, desired, step):
        """A word's lesson, when its last row has been added."""
        lesson, decided = Signal(self._lesson), delay(m, step, 1)
        m.d.comb += [
            lesson.data.eq(desired),
            lesson.last.eq(decided.final),
            lesson.teach.eq(decided.teach),
            lesson.learn.eq(decided.learn),
            fifo.w_en.eq(decided.valid & decided.last),
            fifo.w_data.eq(lesson),
        ]
