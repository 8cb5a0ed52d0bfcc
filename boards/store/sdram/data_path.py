"""Words of 32 bits to and from the chip's data pins."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["DataPath"]


class DataPath(wiring.Component):
    """Puts halves of words on the pins with their commands, and joins those that come, `capture` half cycles after
    theirs, and `pads` cycles for the way there and back.

    Attributes:
        reads, writes: a half moves: its command is on the pins a cycle later.
        second: it is the upper one.
        written: the word that is being written.
        word, arrives: a whole word that has come.
        coming: whether anything is still to come.
    """

    def __init__(self, capture: int, pads: int) -> None:
        self._capture = capture
        self._pads = pads
        super().__init__(
            {
                "reads": In(1),
                "writes": In(1),
                "second": In(1),
                "written": In(32),
                "word": Out(32),
                "arrives": Out(1),
                "coming": Out(1),
                "out": Out(16),
                "drive": Out(1),
                "rising": In(16),
                "falling": In(16),
            }
        )

    def elaborate(self, platform):
        m = Module()
        low, half = Signal(16, reset_less=True), Signal()
        # A command is in the registers a cycle after it was given.
        on_their_way = Signal(self._capture // 2 + 1 + self._pads)
        data = self.falling if self._capture % 2 else self.rising
        arrived = on_their_way[-1]
        m.d.sync += [
            self.out.eq(self.written.word_select(self.second, 16)),
            self.drive.eq(self.writes),
            on_their_way.eq(Cat(self.reads, on_their_way)),
        ]
        with m.If(arrived):
            m.d.sync += [half.eq(~half), low.eq(data)]
        m.d.comb += [
            self.coming.eq(on_their_way.any()),
            self.arrives.eq(arrived & half),
            self.word.eq(Cat(low, data)),
        ]
        return m
