"""What is known beforehand of every beat of outputs."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.constant_memory import ConstantMemory
from bephw.rtl_gen.parts.arithmetic import next_index

__all__ = ["BeatTable"]


class BeatTable(wiring.Component):
    """Samples come in `len(words)` beats each: `word` is that of the beat of two cycles ago, of `width` bits.

    `valid`: a cycle has a beat. Throughput: one beat a cycle.
    """

    LATENCY = 2

    def __init__(self, width: int, words: Sequence[int]) -> None:
        self._width = width
        self._words = words
        super().__init__({"valid": In(1), "word": Out(width)})

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = ConstantMemory(self._width, self._words, self.LATENCY)
        beat = Signal(range(len(self._words)))
        with m.If(self.valid):
            m.d.sync += beat.eq(next_index(beat, len(self._words)))
        m.d.comb += [memory.address.eq(beat), self.word.eq(memory.data)]
        return m
