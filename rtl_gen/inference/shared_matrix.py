"""One layer, or the classifier's logits, with constant weights, of which each word meets several samples at once."""

import math
from collections.abc import Sequence
from fractions import Fraction

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.forward.walk import ForwardWalk
from bephw.rtl_gen.inference.beat_shifter import BeatShifter
from bephw.rtl_gen.inference.folded_array import READ, FoldedArray
from bephw.rtl_gen.inference.folded_matrix import CLASSES, FoldedMatrix
from bephw.rtl_gen.inference.weight_source import Weights, weight_source
from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.parts.layouts import chunk_layout
from bephw.rtl_gen.samples.gearbox import Gearbox, beat_width
from bephw.rtl_gen.samples.input_queue import InputQueue, banks
from bephw.rtl_gen.samples.sample_flow import SampleFlowSignature
from bephw.shape import LayerShape

__all__ = ["SharedMatrix"]

ROOM = 2  # cycles from the end of a vector's time until another one may begin in its place


class SharedMatrix(wiring.Component):
    """As `FoldedMatrix`, for vectors that come by `sources` channels and pass through `shape.samples` channels.

    Vector number i comes by `inputs[i % sources]`, divided as `divisions` says; what becomes of it leaves by
    `outputs[i % shape.samples]`, in the beats `shape.all_beats()`. The vectors that wait when the last step of those
    before is over, and for whose outputs there is room, pass together (`ForwardWalk`): a word of weights is read once
    for all of them. Nobody waits for others to come.

    In each of the memories for vectors (as many as there are channels on the side that has more) are up to `ahead`
    between their start and the end of their pass. `block`: see `SampleMemory`.

    Latency: as of `FoldedMatrix`, where no other vector is in the way. Throughput: `shape.samples` vectors every
    `shape.forward_cycles` cycles, if there are places enough (`places_needed`) and they come fast enough (see
    `interval`).
    """

    def __init__(
        self,
        shape: LayerShape,
        divisions: Sequence[range],
        weights: Weights,
        least: Sequence[int] | None = None,
        *,
        sources: int,
        ahead: int,
        block: bool = True,
    ) -> None:
        self._shape = shape
        self._divisions = divisions
        self._weights = weights
        self._least = least
        self._ahead = ahead
        self._block = block
        self._width = shape.z_bits if least is None else 1
        super().__init__(
            {
                "inputs": In(SampleFlowSignature(chunk_layout(beat_width(divisions), CLASSES))).array(sources),
                "outputs": Out(SampleFlowSignature(chunk_layout(shape.scan * self._width, CLASSES))).array(
                    shape.samples
                ),
            }
        )

    @staticmethod
    def passage(shape: LayerShape) -> int:
        """Cycles from the start of a vector's pass to the last beat of its outputs."""
        return shape.forward_cycles - 1 + FoldedArray.latency(shape) + shape.last_beats

    @staticmethod
    def interval(shape: LayerShape, divisions: Sequence[range], sources: int, passage: int) -> Fraction:
        """Cycles a vector, over many of them, where the last beat of each comes `passage` cycles after its start.

        Vectors that are repacked leave a channel's gearbox word by word, and two of them may be on their way there.
        """
        passes = Fraction(shape.forward_cycles, shape.samples)
        if Gearbox.direct(divisions, shape.columns):
            return passes
        repacking = passage + FoldedMatrix.gathering(shape, divisions) + ROOM
        return max(passes, Fraction(max(2 * shape.words, repacking), 2 * sources))

    @staticmethod
    def places_needed(shape: LayerShape, divisions: Sequence[range], sources: int, passage: int, interval: Fraction):
        """`ahead` with which a vector every `interval` cycles finds a place: those that are on their way, one in its
        pass, and one that waits for the end of that."""
        arrival = passage + FoldedMatrix.gathering(shape, divisions) + 1 + ROOM
        return 2 + math.ceil(arrival / (banks(shape, sources) * interval))

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        m.submodules.walk = walk = ForwardWalk(shape)
        m.submodules.weights = weights = weight_source(shape, self._weights, READ)
        m.submodules.array = array = FoldedArray(shape, self._least)
        m.d.comb += [
            weights.step.eq(walk.step.valid),
            weights.last.eq(walk.step.last),
            weights.ends.eq(walk.ends),
            array.weights.eq(weights.data),
            array.step.valid.eq(Mux(walk.step.valid, walk.passing, 0)),
            array.step.group.eq(walk.group),
            array.step.last.eq(walk.step.last),
        ]
        self._gather(m, walk, array)
        for channel, sent in enumerate(self.outputs):
            self._send(m, channel, sent, walk, array)
        return m

    def _gather(self, m, walk, array):
        """Vectors are kept until a pass takes them."""
        shape, sources = self._shape, len(self.inputs)
        m.submodules.vectors = vectors = InputQueue(
            shape,
            self._divisions,
            CLASSES,
            self._ahead * banks(shape, sources),
            (shape.samples,),
            sources=sources,
            ahead=self._ahead,
            block=self._block,
        )
        for source, chunks in zip(self.inputs, vectors.chunks, strict=True):
            connect(m, flipped(source), chunks)
        m.d.comb += [walk.available.eq(vectors.available), vectors.begun.eq(walk.start)]
        for channel, reader in enumerate(vectors.reader_0):
            m.d.comb += [
                reader.index.eq(walk.word),
                reader.read.eq(1),
                reader.done.eq(walk.done[channel]),
                array.activations[channel].eq(delay(m, reader.data, READ - 1, reset_less=True)),
            ]

    def _send(self, m, channel, sent, walk, array):
        m.submodules[f"shifter_{channel}"] = shifter = BeatShifter(self._shape, self._width)
        m.d.comb += [
            walk.room[channel].eq(sent.room),
            sent.start.eq(walk.start[channel]),
            shifter.load.eq(array.done[channel]),
            shifter.results.eq(array.results[channel]),
            sent.valid.eq(shifter.beats.valid),
            sent.payload.data.eq(shifter.beats.data),
            sent.payload.last.eq(shifter.beats.last),
        ]
