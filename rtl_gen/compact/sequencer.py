"""Admission of samples, and the ends of batches."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.compact.layouts import chunk_layout, sample_layout
from bephw.shape import ceil_div

__all__ = ["Sequencer"]


class Sequencer(wiring.Component):
    """Lets samples in, counts the batch, and at its end waits until every layer is done, then swaps the planes.

    Samples of `ceil(inputs / width)` words come in by `samples` and leave by `chunks`. A batch ends after `batch`
    samples with `learn` high, or at `end_batch`, before the next sample's first word. The end takes as long as the
    samples in flight need and until `refreshed`: then `swap` is high for a cycle. Power-up starts with a batch end,
    which gives the layers their first visible weights.

    `outstanding` is high while some layer has not finished some sample (`layer_done` pulses, one bit a layer).
    """

    def __init__(self, inputs: int, width: int, classes: int, layers: int, capacity: int) -> None:
        self._words = ceil_div(inputs, width)
        self._capacity = capacity
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(width, classes))),
                "chunks": Out(stream.Signature(chunk_layout(width, classes))),
                "learn": In(1),
                "batch": In(32),
                "end_batch": In(1),
                "layer_done": In(layers),
                "refreshed": In(1),
                "swap": Out(1),
                "ending": Out(1, init=1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        word = Signal(range(self._words))
        position = Signal(32)
        asked, last, complete = Signal(), Signal(), Signal()
        open_ = Signal()
        admitted = Signal()

        m.d.comb += [
            last.eq(word == self._words - 1),
            # Between samples an asked-for end comes first.
            open_.eq(~self.ending & ~complete & ~(asked & (word == 0))),
            complete.eq(position == self.batch),
            self.chunks.valid.eq(self.samples.valid & open_),
            self.samples.ready.eq(self.chunks.ready & open_),
            self.chunks.payload.data.eq(self.samples.payload.data),
            self.chunks.payload.last.eq(last),
            self.chunks.payload.tag.label.eq(self.samples.payload.label),
            self.chunks.payload.tag.learn.eq(self.learn),
            admitted.eq(self.chunks.valid & self.chunks.ready & last),
        ]
        with m.If(self.chunks.valid & self.chunks.ready):
            m.d.sync += word.eq(Mux(last, 0, word + 1))
        with m.If(admitted & self.learn):
            m.d.sync += position.eq(position + 1)
        with m.If(complete):
            m.d.sync += self.ending.eq(1)
        with m.If(asked & (word == 0) & ~self.ending):
            m.d.sync += [self.ending.eq(1), asked.eq(0)]
        with m.If(self.end_batch):
            m.d.sync += asked.eq(1)

        outstanding = self._count_outstanding(m, admitted)
        m.d.comb += [
            self.swap.eq(self.ending & ~outstanding & self.refreshed),
            self.busy.eq(self.ending | complete | asked | outstanding),
        ]
        with m.If(self.swap):
            m.d.sync += [self.ending.eq(0), position.eq(0)]
        return m

    def _count_outstanding(self, m, admitted):
        """Samples admitted and not yet done, for each layer."""
        waiting = []
        for layer, done in enumerate(self.layer_done):
            count = Signal(range(self._capacity + 1), name=f"outstanding_{layer}")
            m.d.sync += count.eq(count + admitted - done)
            waiting.append(count != 0)
        return Cat(waiting).any()
