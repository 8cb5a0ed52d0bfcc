"""The first stage of a folded design: words of samples, as many as there is room for."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.spacing import spaced
from bephw.rtl_gen.inference.streams import beat_layout, sample_layout
from bephw.rtl_gen.parts.arithmetic import next_index, places_left
from bephw.rtl_gen.samples.gearbox import beat_width
from bephw.rtl_gen.samples.sequencer import stream_beats

__all__ = ["SampleWords"]


class SampleWords(wiring.Component):
    """Passes on samples of words of `width` bits, `samples`, as `beats` in the same cycle, divided as `stream_beats`.

    A sample's first word is let in only where fewer than `slots` samples are `done`, less those let in, and `interval`
    cycles after that of the sample before, at the earliest; its other words are always let in.
    """

    def __init__(self, inputs: int, width: int, slots: int, interval: int) -> None:
        divisions = stream_beats(inputs, width)
        self._words = len(divisions)
        self._slots = slots
        self._interval = interval
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(width))),
                "beats": Out(beat_layout(beat_width(divisions))),
                "done": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        word = Signal(range(self._words))
        begins, first = Signal(), Signal(init=1)
        may_begin = places_left(m, self._slots, begins, self.done) & spaced(m, begins, self._interval)
        m.d.comb += [
            self.samples.ready.eq(~first | may_begin),
            self.beats.valid.eq(self.samples.valid & self.samples.ready),
            self.beats.data.eq(self.samples.payload.data),
            self.beats.last.eq(word == self._words - 1),
            begins.eq(self.beats.valid & first),
        ]
        with m.If(self.beats.valid):
            m.d.sync += [first.eq(self.beats.last), word.eq(next_index(word, self._words))]
        return m
