"""Admission of samples, and the ends of batches."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import count_up
from bephw.rtl_gen.parts.layouts import chunk_layout, sample_layout
from bephw.rtl_gen.samples.gearbox import beat_width
from bephw.rtl_gen.samples.sample_flow import SampleFlowSignature
from bephw.shape import ceil_div

__all__ = ["Sequencer", "batch_signals", "stream_beats"]


def stream_beats(inputs: int, width: int) -> list[range]:
    """Bits of the sample that each word of the sample stream carries."""
    return [range(start, min(start + width, inputs)) for start in range(0, inputs, width)]


def batch_signals(*, lag: bool, overlaps: bool) -> tuple[str, ...]:
    """What tells the layers of the ends of batches: ports of `Sequencer`, and of every layer."""
    if overlaps:
        return "entered", "begins", "renew"
    return ("swap", "renew") if lag else ("swap",)


class Sequencer(wiring.Component):
    """Lets samples in, counts the batch, and at its end waits until every layer is done, then swaps the planes.

    Samples of `ceil(inputs / width)` words come in by `samples` and leave by `chunks`, divided as `stream_beats`, which
    has room for whole samples: a word a cycle, but no sample in the cycle after another's first word. A batch ends
    after `batch` samples with `learn` high, or at `end_batch`, before the next sample's first word; `batch` may change
    between batches, and within one to more samples than there have been. The end takes as long as the samples in
    flight need and until their last write is `settled`: then `swap` is high for a cycle; a batch without a sample and
    without a load ends without. While a layer is `sweeping` no sample is let in, and no batch ends. Power-up starts
    with a batch end, which gives the layers their first visible weights.

    With `lag` a batch without a sample has a `renew` at its end instead of the swap, when all are done and settled,
    unless nothing has changed since the last one. If batches then overlap there is no swap at all: an end waits only
    until the forward passes of all layers have gone on to the batch, each of which says so by a pulse, `crossed`; what
    they wait for is for the layers to see (`BatchOverlap`). Every sample that is let in has `entered`, in the cycle of
    its start, and `begins` with the first one after an end.

    `layer_done` pulses, one bit a layer, when a layer has finished a sample; `busy` is high until all have.

    For a recurrent network samples have `steps` (at most `most_steps`), each of so many words: `chunks` has room for
    whole steps and is started for each, and its `last` ends a step. While `hold` is high no sample begins, and one that
    has begun goes on; `steps` may change while it is high and so is `idle`: nothing of a sample is under way.
    """

    def __init__(
        self,
        inputs: int,
        width: int,
        classes: int,
        layers: int,
        capacity: int,
        most_steps: int | None = None,
        *,
        lag: bool = False,
        overlaps: bool = False,
    ) -> None:
        self._words = ceil_div(inputs, width)
        self._capacity = capacity
        self._most_steps = most_steps
        self._lag = lag
        self._overlaps = overlaps
        super().__init__(
            {
                **({} if most_steps is None else {"steps": In(range(most_steps + 1)), "hold": In(1), "idle": Out(1)}),
                "samples": In(stream.Signature(sample_layout(width, classes))),
                "chunks": Out(SampleFlowSignature(chunk_layout(beat_width(stream_beats(inputs, width)), classes))),
                "learn": In(1),
                "batch": In(32),
                "end_batch": In(1),
                "layer_done": In(layers),
                "settled": In(1),
                "sweeping": In(1),
                **dict.fromkeys(batch_signals(lag=lag, overlaps=overlaps), Out(1)),
                **({"crossed": In(layers)} if overlaps else {}),
                "ending": Out(1, init=1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        asked, complete, ended = Signal(), Signal(), Signal()
        first, last, admitted = Signal(init=1), Signal(), Signal()
        between, whole = self._count_steps(m, last)  # samples; the sample, with its last word
        self._admit(m, first, last, between & ~self.ending & ~complete & ~asked & ~self.sweeping, between)
        m.d.comb += admitted.eq(self.chunks.valid & whole)
        self._count_batch(m, admitted, complete, ended)
        self._ask(m, asked, first & between)

        outstanding = self._count_outstanding(m, admitted)
        quiet = Signal()
        m.d.comb += quiet.eq(~outstanding & self.settled & ~self.sweeping)
        if self._overlaps:
            self._overlap(m, ended, quiet)
        elif self._lag:
            self._swap_or_renew(m, ended, quiet)
        else:
            self._swap(m, ended, quiet, admitted)
        busy = self.ending | complete | asked | self.end_batch | outstanding | self.sweeping
        if self._most_steps is not None:
            busy |= self.hold
            m.d.comb += self.idle.eq(first & between & quiet)
        m.d.comb += self.busy.eq(busy)
        return m

    def _admit(self, m, first, last, begins, between):
        """Words go on as they come. Between samples an asked-for end comes first; one that has begun goes on."""
        word, open_, room = Signal(range(self._words), reset_less=True), Signal(), Signal()
        if self._most_steps is not None:
            begins = ~between | (begins & ~self.hold)
        # Whether there is room is for many memories to say: it is known a cycle later.
        m.d.sync += room.eq(self.chunks.room & ~self.chunks.start)
        m.d.comb += [
            last.eq(word == self._words - 1),
            open_.eq(~first | (begins & room)),
            self.samples.ready.eq(open_),
            self.chunks.valid.eq(self.samples.valid & open_),
            self.chunks.start.eq(self.chunks.valid & first),
            self.chunks.payload.data.eq(self.samples.payload.data),
            self.chunks.payload.last.eq(last),
            self.chunks.payload.tag.label.eq(self.samples.payload.label),
            self.chunks.payload.tag.learn.eq(self.learn),
        ]
        with m.If(self.chunks.valid):
            m.d.sync += first.eq(last)
        count_up(m, word, self.chunks.valid, last)

    def _count_batch(self, m, admitted, complete, ended):
        """A batch is `complete` a cycle after its last sample has come in, and `ending` a cycle after that."""
        following = Signal(32, init=1)  # the number that the next sample has in its batch
        with m.If(admitted & self.learn):
            m.d.sync += [complete.eq(following == self.batch), following.eq(following + 1)]
        with m.If(complete):
            m.d.sync += self.ending.eq(1)
        with m.If(ended):
            m.d.sync += [self.ending.eq(0), complete.eq(0), following.eq(1)]

    def _ask(self, m, asked, between):
        """An end that is asked for begins between two samples."""
        with m.If(asked & between & ~self.ending):
            m.d.sync += [self.ending.eq(1), asked.eq(0)]
        with m.If(self.end_batch):
            m.d.sync += asked.eq(1)

    def _swap(self, m, ended, quiet, admitted):
        """A batch ends when all samples are done."""
        # Without a sample or a sweep since the last swap, the live plane is not what the counters say.
        live = Signal()
        m.d.comb += [
            ended.eq(self.ending & quiet),
            self.swap.eq(ended & live),
        ]
        with m.If(self.swap):
            m.d.sync += live.eq(0)
        with m.If(admitted | self.sweeping):
            m.d.sync += live.eq(1)

    def _swap_or_renew(self, m, ended, quiet):
        """The same; but where there is nothing in it, when all planes are new."""
        empty, renews = self._renew(m, ended, quiet)
        m.d.comb += [ended.eq(self.ending & quiet & ~renews), self.swap.eq(ended & ~empty)]

    def _overlap(self, m, ended, quiet):
        """A batch ends when forward passes have gone on to it; or, with nothing in it, when all planes are new."""
        first, behind = Signal(), Signal.like(self.crossed)
        _, renews = self._renew(m, ended, quiet)
        m.d.comb += [
            self.entered.eq(self.chunks.start),
            self.begins.eq(self.chunks.start & first),
            ended.eq(self.ending & ~behind.any() & ~self.sweeping & ~renews),
        ]
        m.d.sync += behind.eq(Mux(self.begins, C(1).replicate(len(behind)), behind & ~self.crossed))
        with m.If(ended):
            m.d.sync += first.eq(1)
        with m.If(self.chunks.start):
            m.d.sync += first.eq(0)

    def _renew(self, m, ended, quiet):
        """Whether the batch is empty so far, and whether something is still to be made visible if it ends so."""
        empty, changed, renewing, renews = Signal(init=1), Signal(), Signal(), Signal()
        m.d.comb += [renews.eq(empty & changed), self.renew.eq(self.ending & renews & ~renewing & quiet)]
        with m.If(self.renew):
            m.d.sync += renewing.eq(1)
        with m.If(self.sweeping):
            m.d.sync += [renewing.eq(0), changed.eq(0)]
        with m.If(ended):
            m.d.sync += empty.eq(1)
        with m.If(self.chunks.start):
            m.d.sync += [empty.eq(0), changed.eq(1)]
        return empty, renews

    def _count_steps(self, m, last):
        """Whether a first word would be a sample's, and whether a last one is."""
        if self._most_steps is None:
            return C(1), last
        step, last_step = Signal(range(self._most_steps)), Signal()
        m.d.comb += last_step.eq(step == self.steps - 1)
        with m.If(self.chunks.valid & last):
            m.d.sync += step.eq(Mux(last_step, 0, step + 1))
        return step == 0, last & last_step

    def _count_outstanding(self, m, admitted):
        """Whether samples were admitted that are not yet done, in any layer."""
        waiting = []
        for layer, done in enumerate(self.layer_done):
            count = Signal(range(self._capacity + 1), name=f"outstanding_{layer}")
            m.d.sync += count.eq(count + admitted - done)
            waiting.append(count != 0)
        return Cat(waiting).any()
