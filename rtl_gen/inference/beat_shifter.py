"""From a row group's results, all at once, to beats of a few."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.streams import beat_layout
from bephw.shape import LayerShape

__all__ = ["BeatShifter"]


class BeatShifter(wiring.Component):
    """Takes `results` of `width` bits of each of `rows` outputs where `load` is high, and sends them in the beats
    `shape.all_beats()` from the next cycle on, one a cycle.

    Loads must be at least `shape.beats` cycles apart; places of a beat without an output may hold anything.
    """

    def __init__(self, shape: LayerShape, width: int) -> None:
        self._shape = shape
        self._width = width
        super().__init__(
            {
                "load": In(1),
                "results": In(shape.rows * width),
                "beats": Out(beat_layout(shape.scan * width)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, beat = self._shape, self._shape.scan * self._width
        group, left = Signal(range(shape.groups)), Signal(range(shape.beats + 1))
        final, ending = Signal(), Signal()
        held = Signal(shape.beats * beat, reset_less=True)
        m.d.comb += [
            final.eq(group == shape.groups - 1),
            self.beats.valid.eq(left != 0),
            self.beats.last.eq(ending & (left == 1)),
            self.beats.data.eq(held),
        ]
        m.d.sync += held.eq(held >> beat)
        with m.If(self.load):
            m.d.sync += [
                held.eq(self.results),
                group.eq(Mux(final, 0, group + 1)),
                ending.eq(final),
                left.eq(Mux(final, shape.last_beats, shape.beats)),
            ]
        with m.Elif(left != 0):
            m.d.sync += left.eq(left - 1)
        return m
