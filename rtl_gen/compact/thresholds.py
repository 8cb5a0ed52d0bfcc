"""The thresholds of a layer's neurons, a row group at a time."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import next_index
from bephw.rtl_gen.storage import block_memory
from bephw.shape import LayerShape

__all__ = ["ThresholdMemory", "threshold_width", "threshold_words"]


def threshold_width(shape: LayerShape) -> int:
    """Bits of a threshold, two's complement: it is -K_in to K_in + 1."""
    return (shape.inputs + 1).bit_length() + 1


def threshold_words(thresholds: Sequence[int], shape: LayerShape) -> list[int]:
    """Words of the memory: output j is in word `j // rows`, field `j % rows`, the first lowest; padding is zero."""
    width = threshold_width(shape)
    words = [0] * shape.groups
    for output, threshold in enumerate(thresholds):
        group, bank = divmod(output, shape.rows)
        words[group] |= (int(threshold) & ((1 << width) - 1)) << (bank * width)
    return words


class ThresholdMemory(wiring.Component):
    """`values` shows the thresholds of a row group: from the second cycle after reset on those of the first, in the
    cycle after `advance` those of the next, after the last again the first. The content is fixed.

    One flat word, not an array: of a memory behind an array of outputs, Yosys 0.70 makes wires of the same name twice.
    """

    def __init__(self, shape: LayerShape, thresholds: Sequence[int]) -> None:
        self._groups = shape.groups
        self._words = threshold_words(thresholds, shape)
        self._width = shape.rows * threshold_width(shape)
        super().__init__({"advance": In(1), "values": Out(self._width)})

    def elaborate(self, platform):
        m = Module()
        if self._groups == 1:
            m.d.comb += self.values.eq(self._words[0])
            return m
        m.submodules.memory = memory = block_memory(self._width, self._groups, self._words)
        read = memory.read_port()
        group, shown = Signal(range(self._groups)), Signal(range(self._groups))
        m.d.comb += [
            shown.eq(Mux(self.advance, next_index(group, self._groups), group)),
            read.addr.eq(shown),
            self.values.eq(read.data),
        ]
        m.d.sync += group.eq(shown)
        return m
