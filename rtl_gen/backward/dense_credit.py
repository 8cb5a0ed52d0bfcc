"""Error propagation for several samples at once: what the layer below should have been."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.backward.channel_credit import ChannelCredit, flags_layout, step_layout
from bephw.rtl_gen.backward.pass_ends import PassEnds
from bephw.rtl_gen.backward.vote_memory import VotesSignature
from bephw.rtl_gen.parts.arithmetic import count_up, delay, places_left
from bephw.rtl_gen.parts.layouts import lesson_layout, record_words, step_field
from bephw.rtl_gen.popcount.vote_count import VoteCount
from bephw.rtl_gen.samples.batch_front import first_channels, next_channel
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.rtl_gen.weights.plane import BankedReadSignature
from bephw.shape import LayerShape

__all__ = ["AFTER", "GATHERED", "OUTSTANDING", "DenseCredit"]

GATHERED = 1  # cycles from a sample's being available to a pass with it
AFTER = 2  # cycles from a pass's `passed` to the next one's first
OUTSTANDING = 2  # words begun whose lesson has not been taken, unless whole lessons have to wait


def sample_flags_layout() -> data.StructLayout:
    """The flags of a sample: whether it teaches and learns, and whether its open rows are odd in number."""
    return data.StructLayout({"teach": 1, "learn": 1, "odd": 1})


class DenseCredit(wiring.Component):
    """Sums all rows' votes on every input of the layer (numerics.md section 4), for the samples of all channels at
    once, which share the weights.

    As `CreditUnit`, but a pass visits every row, and closed ones vote in a way that does not matter (see `VoteMemory`).
    It takes the samples that are there, in sample order from the one on that is next, as soon as all are there that
    passed forward together with that one: these come close together, and who goes without the last of them makes it,
    and all behind it, need one more pass. Nobody waits for others. `started` says who begins a forward pass together;
    there are no more than `slots` samples between that and here. One beat of a channel's `lessons` a word of inputs; a
    sample that does not teach is a single beat.

    Of a cell, too, a pass visits only the words that hold any of its state, and what passes are steps, each at the
    place that its `votes` name: of whatever samples have one, for their lessons stay in their channels.

    Cycles for a pass: `pass_cycles(shape)`, or 1 where no sample of it teaches, and `between` two one or two. Latency:
    `latency(shape)` + 1 cycles from a word's last row group to its beat. A word is begun only after the beats of the
    last but `outstanding` have been taken.

    Lessons are taken by `receivers` channels. Where these are fewer, one takes the lessons of several samples that pass
    here together, one after the other: so there is room for whole lessons, or none of them would ever end.

    Where there are several `planes` of weights, `most` samples (else all) may be in the next pass; those of the
    channels that are `passing` have `passed` as `released` says.
    """

    def __init__(self, shape: LayerShape, receivers: int, *, slots: int, keep: bool, planes: int = 1) -> None:
        self._shape = shape
        self._slots = slots
        self._planes = planes
        self._keep = keep
        self._outstanding = self.outstanding(shape, receivers)
        channels = shape.samples
        super().__init__(
            {
                "votes": Out(VotesSignature(shape)).array(channels),
                "plane": Out(BankedReadSignature(shape, planes)),
                **({"most": In(range(channels + 1), init=channels)} if planes > 1 else {}),
                **({"started": In(channels)} if shape.steps is None else {}),
                "passing": Out(channels),
                "passed": Out(1),
                "inputs": Out(ReaderSignature(shape.columns, record_words(shape, shape.words))).array(channels),
                "lessons": Out(stream.Signature(lesson_layout(shape.columns))).array(channels),
                "busy": Out(1),
            }
        )

    @staticmethod
    def outstanding(shape: LayerShape, receivers: int) -> int:
        """Words of a lesson that may wait to be taken."""
        return OUTSTANDING if receivers >= shape.samples else max(OUTSTANDING, shape.words)

    @staticmethod
    def pass_cycles(shape: LayerShape) -> int:
        """Cycles of a pass in which a sample teaches."""
        return shape.groups * len(shape.passed_on_words)

    @staticmethod
    def released(shape: LayerShape, *, teach: bool) -> int:
        """Cycles from a pass's last to the one in which its samples are given up: none where that is known a cycle
        before, which takes two row groups."""
        return 0 if teach and shape.groups > 1 else 1

    @staticmethod
    def between(shape: LayerShape, *, teach: bool = True) -> int:
        """Cycles between such a pass and the next one."""
        return DenseCredit.released(shape, teach=teach) + AFTER - 1

    @staticmethod
    def latency(shape: LayerShape) -> int:
        """Cycles: plane and its register, votes and their count, sum."""
        return 3 + VoteCount.latency(shape.rows)

    @staticmethod
    def giving_up(shape: LayerShape) -> int:
        """Cycles from a pass's last to the one in which the inputs are given up."""
        return VoteCount.latency(shape.rows) + 1

    def elaborate(self, platform):
        m = Module()
        group, passing, ends = Signal(self._shape.samples), Signal(), Signal()
        samples = self._gather(m, group, passing, ends)
        step, word, flags = self._walk(m, group, samples, passing, ends)
        counting = VoteCount.latency(self._shape.rows)
        # When the counts are there.
        counted, flags = delay(m, step, 2 + counting), delay(m, flags, 2 + counting, reset_less=True)
        word = delay(m, word, counting, reset_less=True)
        for channel, votes in enumerate(self.votes):
            credit = ChannelCredit(self._shape, self._outstanding, keep=self._keep)
            m.submodules[f"channel_{channel}"] = credit
            connect(m, credit.inputs, flipped(self.inputs[channel]))
            connect(m, credit.lessons, flipped(self.lessons[channel]))
            m.d.comb += [
                credit.votes.eq(votes.votes),
                credit.weights.eq(self.plane.data),
                credit.step.eq(counted),
                credit.flags.eq(flags[channel]),
                credit.word.eq(word),
                *(
                    getattr(credit, name).eq(delay(m, getattr(votes, name), counting, reset_less=True))
                    for name in step_field(self._shape)
                ),
                credit.release.eq(delay(m, ends & group[channel], self.giving_up(self._shape))),
            ]
        return m

    def _gather(self, m, group, passing, ends):
        """The samples of the next pass: those which are there. Returns their flags, kept here, because they come from
        far away, and what is decided by them goes back there."""
        samples = Signal(data.ArrayLayout(sample_flags_layout(), self._shape.samples), reset_less=True)
        there = Cat(votes.available for votes in self.votes)
        gathered = there if self._shape.steps is not None else self._in_order(m, there, group, ends)
        with m.If(~passing):
            m.d.sync += group.eq(gathered)
            for kept, votes in zip(samples, self.votes, strict=True):
                m.d.sync += [kept.teach.eq(votes.teach), kept.learn.eq(votes.learn), kept.odd.eq(votes.odd)]
        with m.If(ends):
            m.d.sync += group.eq(0)
        return samples

    def _in_order(self, m, there, group, ends):
        """Of the samples that are there, those from the channel on whose turn it is."""
        count = self._shape.samples
        head, there_in_order = Signal(count, init=1), Signal(count)
        # Added to twice the row of channels, the head's bit is carried through all that are there from it on.
        there = Cat(there, there)
        run = there & ~(there + head)[: 2 * count]
        allowed = C(1).replicate(count) if self._planes == 1 else first_channels(head, self.most)
        m.d.comb += there_in_order.eq((run[:count] | run[count:]) & allowed)
        with m.If(ends):
            m.d.sync += head.eq(next_channel(head, group))
        m.submodules.forward_ends = forward_ends = PassEnds(count, self._slots)
        m.d.comb += [forward_ends.started.eq(self.started), forward_ends.taken.eq(Mux(self.passed, self.passing, 0))]
        return Mux((there_in_order & forward_ends.last).any(), there_in_order, 0)

    def _walk(self, m, group, samples, passing, ends):
        """Row group inside, word outside. Returns what accompanies a step, its word, and what it is to each sample."""
        shape, first = self._shape, self._shape.passed_on_words.start
        step, inside, begun = Signal(step_layout()), Signal(), Signal()  # of a word; of a pass
        final, ended = Signal(), Signal()  # the last row group of several; a cycle after the end of a pass
        word, row_group = Signal(range(shape.words), init=first), Signal(range(shape.groups), reset_less=True)
        address = Signal(range(self._planes * shape.groups * shape.words), init=first)
        base = C(0) if self._planes == 1 else self.plane.base
        teach, last_word = Signal(), word == shape.words - 1
        flags, rooms = self._flag(m, group, samples, step, word)
        m.d.comb += [
            teach.eq((group & Cat(sample.teach for sample in samples)).any()),
            step.valid.eq(inside | (group.any() & rooms)),
            step.first.eq(~inside),
            step.last.eq(~teach | (row_group == shape.groups - 1)),
            ends.eq(step.valid & step.last & (last_word | ~teach)),
            passing.eq(begun | step.valid | self.passed),
            self.busy.eq(step.valid & teach),
            *(votes.group.eq(row_group) for votes in self.votes),
            *(votes.release.eq(self.passed & here) for votes, here in zip(self.votes, self.passing, strict=True)),
            *(bank.eq(address) for bank in self.plane.address),
        ]
        # The end of a pass is known late in the cycle, and whom it concerns may be far away: who is given up is told by
        # a register, in the last cycle if it could be foreseen.
        m.d.comb += self.passed.eq(final | ended)
        m.d.sync += [self.passing.eq(group), ended.eq(ends & ~final)]
        m.d.sync += final.eq(step.valid & teach & last_word & (row_group == shape.groups - 2))
        count_up(m, row_group, step.valid, step.last)
        with m.If(step.valid):
            m.d.sync += [inside.eq(~step.last), begun.eq(~ends), address.eq(address + shape.words)]
            with m.If(step.last):
                following = Mux(ends, first, word + 1)
                m.d.sync += [word.eq(following), address.eq(base + following)]
        if self._planes > 1:
            with m.If(~passing):
                m.d.sync += address.eq(base + first)
        return step, word, flags

    def _flag(self, m, group, samples, step, word):
        """What a word is to each sample, and whether there is room for all its lessons."""
        shape, rooms = self._shape, []
        flags = Signal(data.ArrayLayout(flags_layout(), shape.samples))
        for channel, (sample, lessons) in enumerate(zip(samples, self.lessons, strict=True)):
            flag, begun = flags[channel], Signal(name=f"begun_{channel}")
            m.d.comb += [
                flag.sends.eq(group[channel] & (sample.teach | (word == shape.passed_on_words.start))),
                flag.teach.eq(sample.teach),
                flag.learn.eq(sample.learn),
                flag.last.eq(~sample.teach | (word == shape.words - 1)),
                flag.odd.eq(sample.odd),
                begun.eq(step.valid & step.first & flag.sends),
            ]
            rooms.append(places_left(m, self._outstanding, begun, lessons.valid & lessons.ready) | ~flag.sends)
        return flags, Cat(rooms).all()
