"""The thresholds of a layer's neurons, a beat of outputs at a time."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import next_index
from bephw.rtl_gen.parts.storage import block_memory
from bephw.shape import LayerShape

__all__ = ["ThresholdMemory", "threshold_width", "threshold_words"]


def threshold_width(shape: LayerShape) -> int:
    """Bits of a threshold, two's complement: it is -K_in to K_in + 1."""
    return (shape.inputs + 1).bit_length() + 1


def threshold_words(thresholds: Sequence[int], shape: LayerShape) -> list[int]:
    """Words of the memory: one for each beat of outputs, the first output lowest; padding is zero."""
    width = threshold_width(shape)
    return [
        sum((int(thresholds[output]) & ((1 << width) - 1)) << place * width for place, output in enumerate(beat))
        for beat in shape.all_beats()
    ]


class ThresholdMemory(wiring.Component):
    """`values` shows the thresholds of a beat of outputs: from the second cycle after reset on those of the first, in
    the cycle after `advance` those of the next, after the last again the first. The content is fixed.

    One flat word, not an array: of a memory behind an array of outputs, Yosys 0.70 makes wires of the same name twice.
    """

    def __init__(self, shape: LayerShape, thresholds: Sequence[int]) -> None:
        self._beats = shape.scan_beats
        self._words = threshold_words(thresholds, shape)
        self._width = shape.scan * threshold_width(shape)
        super().__init__({"advance": In(1), "values": Out(self._width)})

    def elaborate(self, platform):
        m = Module()
        if self._beats == 1:
            m.d.comb += self.values.eq(self._words[0])
            return m
        m.submodules.memory = memory = block_memory(self._width, self._beats, self._words)
        read = memory.read_port()
        beat, shown = Signal(range(self._beats)), Signal(range(self._beats))
        m.d.comb += [
            shown.eq(Mux(self.advance, next_index(beat, self._beats), beat)),
            read.addr.eq(shown),
            self.values.eq(read.data),
        ]
        m.d.sync += beat.eq(shown)
        return m
