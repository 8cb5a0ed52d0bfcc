"""Samples and predictions of inference as plain bytes on a serial line."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.streams import prediction_layout, sample_layout
from bephw.shape import ceil_div

__all__ = ["PredictionBytes", "SampleBytes"]

BYTE = 8


class SampleBytes(wiring.Component):
    """Words of `width` bits from as many bytes as they fill, the lowest first; pad bits of the last are ignored.

    A serial line cannot wait: a word that is not taken before the next byte comes is lost. `idle` is high where no byte
    has come for so long that the next one begins a sample: what came of a word before is dropped.

    Latency: 1 cycle from the last byte to the word.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        super().__init__(
            {
                "bytes": In(stream.Signature(BYTE, always_ready=True)),
                "idle": In(1),
                "samples": Out(stream.Signature(sample_layout(width))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        count = ceil_div(self._width, BYTE)
        held = Signal(count * BYTE, reset_less=True)
        place = Signal(range(count))
        m.d.comb += self.samples.payload.data.eq(held)
        with m.If(self.samples.ready):
            m.d.sync += self.samples.valid.eq(0)
        with m.If(self.bytes.valid):
            m.d.sync += [
                held.eq(Cat(held, self.bytes.payload)[BYTE:]),
                place.eq(Mux(place == count - 1, 0, place + 1)),
                self.samples.valid.eq(place == count - 1),
            ]
        with m.Elif(self.idle):
            m.d.sync += place.eq(0)
        return m


class PredictionBytes(wiring.Component):
    """Each prediction in as many bytes as a label fills, the lowest first."""

    def __init__(self, classes: int) -> None:
        self._classes = classes
        super().__init__(
            {
                "predictions": In(stream.Signature(prediction_layout(classes))),
                "bytes": Out(stream.Signature(BYTE)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        label = self.predictions.payload.label
        count = ceil_div(len(label), BYTE)
        place = Signal(range(count))
        last = place == count - 1
        m.d.comb += [
            self.bytes.valid.eq(self.predictions.valid),
            self.bytes.payload.eq(label.word_select(place, BYTE) if count > 1 else label),
            self.predictions.ready.eq(self.bytes.ready & last),
        ]
        with m.If(self.bytes.valid & self.bytes.ready):
            m.d.sync += place.eq(Mux(last, 0, place + 1))
        return m
