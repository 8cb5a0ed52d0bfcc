"""Error propagation for the samples of one channel, with the steps and the weights that all channels have in common."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.backward.vote_memory import votes_layout
from bephw.rtl_gen.backward.vote_sum import VoteSum
from bephw.rtl_gen.parts.arithmetic import cleared_by, delay
from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.parts.layouts import lesson_layout, record_index, record_words, step_field
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.shape import LayerShape

__all__ = ["ChannelCredit", "flags_layout", "step_layout"]


def step_layout() -> data.StructLayout:
    """A row group of a word: its `first` and its `last`."""
    return data.StructLayout({"valid": 1, "first": 1, "last": 1})


def flags_layout() -> data.StructLayout:
    """A word for a channel: whether a beat is sent, its flags, and whether the sample's open rows are odd in number."""
    return data.StructLayout({"sends": 1, "teach": 1, "learn": 1, "last": 1, "odd": 1})


@emitted_once
class ChannelCredit(wiring.Component):
    """Sums all rows' votes on every input of the layer, word by word, for the sample that is in a channel: what
    `DenseCredit` has once a channel.

    `votes` of a row group come a cycle before its `weights`; `step` and `flags` when the votes have been counted,
    `VoteCount.latency(rows)` cycles after the weights; and the number of the `word`, whose inputs matter on ties, two
    cycles before them (in a cell with the step `at` which they are those of). `release` gives the inputs up. The beat
    of a word of `lessons` comes two cycles after its last step, or waits: there must be room for it, of `outstanding`
    places.
    """

    def __init__(self, shape: LayerShape, outstanding: int, *, keep: bool) -> None:
        self._shape = shape
        self._outstanding = outstanding
        self._keep = keep
        super().__init__(
            {
                "votes": In(votes_layout(shape)),
                "weights": In(data.ArrayLayout(shape.columns, shape.rows)),
                "step": In(step_layout()),
                "flags": In(flags_layout()),
                "word": In(range(shape.words)),
                **{name: In(layout) for name, layout in step_field(shape).items()},
                "release": In(1),
                "inputs": Out(ReaderSignature(shape.columns, record_words(shape, shape.words))),
                "lessons": Out(stream.Signature(lesson_layout(shape.columns))),
            }
        )

    def elaborate(self, platform):
        m, shape = Module(), self._shape
        m.d.comb += [
            self.inputs.index.eq(record_index(shape, self.word, shape.words, self)),
            self.inputs.read.eq(1),
            self.inputs.done.eq(self.release),
        ]
        self._send(m, self._count(m, delay(m, self.inputs.data, 1, reset_less=True)))
        return m

    def _count(self, m, inputs):
        """The desired bits, a column at a time; see `offsets`."""
        shape, (start, carry_if_odd, carry_if_even) = self._shape, self.offsets(self._shape)
        votes = delay(m, self.votes, 1, reset_less=True)
        more, tie, clear = Signal(), Signal(), Signal()
        m.d.comb += [
            more.eq(self.step.first & self.flags.odd & carry_if_odd),
            tie.eq(self.step.first & ~self.flags.odd & carry_if_even),
            clear.eq(cleared_by(self.step.valid & self.step.last)),
        ]
        sums = [VoteSum(shape.rows, start, *self._range(start)) for _ in range(shape.columns)]
        for column, total in enumerate(sums):
            m.submodules[f"votes_{column}"] = total
            m.d.comb += [
                total.weights.eq(Cat(word[column] for word in self.weights)),
                total.present.eq(votes.present),
                total.wishes.eq(votes.wishes),
                total.valid.eq(self.step.valid),
                total.clear.eq(clear),
                total.more.eq(more),
                total.tie.eq(tie),
                total.zero.eq(~inputs[column] if self._keep else 0),
            ]
        return Cat(total.desired for total in sums)

    def _send(self, m, desired):
        """A word's lesson, when its last row group has been added."""
        lesson = Signal(lesson_layout(self._shape.columns))
        m.submodules.lessons_sent = fifo = SyncFIFO(width=len(lesson.as_value()), depth=self._outstanding)
        step, flags = delay(m, self.step, 1), delay(m, self.flags, 1, reset_less=True)
        m.d.comb += [
            lesson.data.eq(desired),
            lesson.last.eq(flags.last),
            lesson.teach.eq(flags.teach),
            lesson.learn.eq(flags.learn),
            fifo.w_en.eq(step.valid & step.last & flags.sends),
            fifo.w_data.eq(lesson),
            self.lessons.valid.eq(fifo.r_rdy),
            self.lessons.payload.as_value().eq(fifo.r_data),
            fifo.r_en.eq(self.lessons.ready),
        ]

    @staticmethod
    def offsets(shape: LayerShape) -> tuple[int, int, int]:
        """Where the sum of all excesses starts, and what is added to it where the open rows are odd in number, and on a
        tie that gives a 0 where they are even.

        Of n open rows d, and half of the closed ones, rounded down, vote 0: for N rows these are N/2 more than d - n/2,
        rounded as follows. For even N and n a tie is N/2 votes, for even N and odd n one vote fewer than N/2 is a 1
        already; and the same for odd N with (N - 1)/2, but that with even n half of the closed ones is rounded.
        """
        half = shape.groups * ((shape.rows + 1) // 2) - (shape.outputs + 1) // 2
        return (half, 0, 1) if shape.outputs % 2 else (half - 1, 1, 1)

    def _range(self, start):
        """The least and the most that a sum of excesses can be."""
        shape = self._shape
        fewest, most = -((shape.rows + 1) // 2), shape.rows // 2
        return min(start + fewest * shape.groups, -1), max(start + most * shape.groups + 1, 0)
