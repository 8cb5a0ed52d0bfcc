"""The first stage of a folded design: words of samples, as many as there is room for."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.streams import beat_layout, sample_layout
from bephw.rtl_gen.parts.arithmetic import next_index
from bephw.rtl_gen.samples.gearbox import beat_width
from bephw.rtl_gen.samples.sequencer import stream_beats

__all__ = ["SampleWords"]


class SampleWords(wiring.Component):
    """Passes on samples of words of `width` bits, `samples`, as `beats` in the same cycle, divided as `stream_beats`.

    A sample's first word (`start`) is let in only where there is `room`; its other words are always let in.
    """

    def __init__(self, inputs: int, width: int) -> None:
        divisions = stream_beats(inputs, width)
        self._words = len(divisions)
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(width))),
                "room": In(1),
                "start": Out(1),
                "beats": Out(beat_layout(beat_width(divisions))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        word, first = Signal(range(self._words)), Signal(init=1)
        m.d.comb += [
            self.samples.ready.eq(~first | self.room),
            self.start.eq(self.beats.valid & first),
            self.beats.valid.eq(self.samples.valid & self.samples.ready),
            self.beats.data.eq(self.samples.payload.data),
            self.beats.last.eq(word == self._words - 1),
        ]
        with m.If(self.beats.valid):
            m.d.sync += [first.eq(self.beats.last), word.eq(next_index(word, self._words))]
        return m
