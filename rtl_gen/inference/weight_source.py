"""Where a folded matrix has its weights from: a memory, or generators."""

from dataclasses import dataclass

import numpy as np
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from bephw.rtl_gen.inference.constant_memory import ConstantMemory
from bephw.rtl_gen.inference.row_generators import RowGenerators
from bephw.rtl_gen.parts.arithmetic import count_up
from bephw.shape import LayerShape

__all__ = ["Generated", "StoredWeights", "Weights", "weight_source", "weight_words"]


@dataclass(frozen=True)
class Generated:
    """In place of a matrix: it is the generated one with this seed (`bephw.generated`)."""

    seed: int


Weights = NDArray | Generated


def weight_source(shape: LayerShape, weights: Weights, latency: int) -> "StoredWeights | RowGenerators":
    """A component that has the words of `weights` in the order of a walk through them.

    `step` is high for every word of the walk, row groups outside, column words inside, with `last` for a group's last
    word and `ends` for the matrix' last one. `data` has the word, the first row and input lowest, `latency` cycles
    later; in lanes beyond the inputs it is 1, so that these never agree with an input's padding.
    """
    if isinstance(weights, Generated):
        return RowGenerators(shape, weights.seed, latency)
    return StoredWeights(shape, weights, latency)


def weight_words(weights: NDArray, shape: LayerShape) -> list[int]:
    """Words of the weight memory for bits `weights` (K_out, K_in): at `group * words + word` `columns` weights of each
    of the `rows` rows of a group, the first row and input lowest. Padding is 1, so that it never agrees with that of
    the inputs."""
    padded = np.ones((shape.groups * shape.rows, shape.words * shape.columns), np.uint8)
    padded[: shape.outputs, : shape.inputs] = weights
    cut = padded.reshape(shape.groups, shape.rows, shape.words, shape.columns).swapaxes(1, 2)
    packed = np.packbits(cut.reshape(shape.groups * shape.words, -1), axis=1, bitorder="little")
    return [int.from_bytes(word.tobytes(), "little") for word in packed]


class StoredWeights(wiring.Component):
    """`weights` (K_out, K_in) in read-only memory; see `weight_source`."""

    def __init__(self, shape: LayerShape, weights: NDArray, latency: int) -> None:
        self._shape = shape
        self._weights = weights
        self._latency = latency
        super().__init__({"step": In(1), "last": In(1), "ends": In(1), "data": Out(shape.rows * shape.columns)})

    def elaborate(self, platform):
        m = Module()
        words = weight_words(self._weights, self._shape)
        m.submodules.memory = memory = ConstantMemory(len(self.data), words, self._latency)
        address = Signal.like(memory.address, reset_less=True)
        count_up(m, address, self.step, self.ends)
        m.d.comb += [memory.address.eq(address), self.data.eq(memory.data)]
        return m
