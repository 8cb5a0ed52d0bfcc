"""Folded inference where several samples share each word of weights."""

from fractions import Fraction
from itertools import pairwise

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import connect, flipped

from bephw.rtl_gen.inference.cell_shape import CellShape
from bephw.rtl_gen.inference.folded_cell import FoldedCell
from bephw.rtl_gen.inference.folded_parts import all_shapes, arriving, constants, folded_signature
from bephw.rtl_gen.inference.labels import find_label, label_latency
from bephw.rtl_gen.inference.prediction_queue import PredictionQueue
from bephw.rtl_gen.inference.sample_words import SampleWords
from bephw.rtl_gen.inference.series_words import SeriesWords
from bephw.rtl_gen.inference.shared_matrix import SharedMatrix
from bephw.rtl_gen.inference.streams import beat_layout
from bephw.rtl_gen.parts.arithmetic import places_left, turns
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["GatheredNetwork"]


class GatheredNetwork(wiring.Component):
    """As `FoldedInference`, of matrices each of which takes as many samples at a time as are there, up to its number of
    channels.

    As nobody knows beforehand who passes with whom, the parts tell each other where there is room for a sample.

    Throughput: a sample every `interval(settings)` cycles, over many. Latency: `network_latency`, as for one at a time.
    """

    def __init__(self, settings: Settings, state: NetworkState) -> None:
        self._settings = settings
        self._state = state
        super().__init__(folded_signature(settings))

    @staticmethod
    def interval(settings: Settings) -> Fraction:
        """Cycles a sample, over many: those of the slowest part."""
        cell = CellShape.of(settings)
        first = cell.steps * cell.step_interval if settings.recurrent else len(arriving(settings, 0))
        shapes, begin = all_shapes(settings), int(settings.recurrent)
        matrices = (SharedMatrix.interval(shapes[i], *_coming(settings, i)) for i in range(begin, len(shapes)))
        return max(Fraction(first), *matrices)

    def elaborate(self, platform):
        m = Module()
        recurrent, layers = self._settings.recurrent, self._settings.network.layers
        indices = range(int(recurrent), layers + 1)  # a cell is no matrix
        matrices = [self._matrix(index) for index in indices]
        for index, matrix in zip(indices, matrices, strict=True):
            m.submodules["classifier" if index == layers else f"layer_{index}"] = matrix
        let_in = self._let_in_series if recurrent else self._let_in
        let_in(m, matrices[0].inputs)
        for matrix, following in pairwise(matrices):
            for source, target in zip(matrix.outputs, following.inputs, strict=True):
                connect(m, source, target)
        self._predict(m, matrices[-1].outputs[0])
        return m

    def _matrix(self, index: int) -> SharedMatrix:
        """A layer, or the classifier, which comes last."""
        settings = self._settings
        shape, (divisions, sources, passage) = all_shapes(settings)[index], _coming(settings, index)
        return SharedMatrix(
            shape,
            divisions,
            *constants(settings, self._state, index),
            sources=sources,
            ahead=SharedMatrix.places_needed(shape, divisions, sources, passage, self.interval(settings)),
            block=settings.hardware.sample_memory == "block",
        )

    def _let_in(self, m, inputs):
        settings = self._settings
        m.submodules.words = words = SampleWords(settings.network.sizes[0], settings.hardware.stream_width)
        connect(m, flipped(self.samples), words.samples)
        m.d.comb += words.room.eq(inputs[0].room)
        self._start(m, inputs[0], words.start, words.beats)

    def _let_in_series(self, m, inputs):
        """Samples pass through the cell, step by step; their last states go on."""
        settings = self._settings
        shape = CellShape.of(settings)
        slots = shape.slots_needed(self.interval(settings))
        m.submodules.words = words = SeriesWords(shape)
        m.submodules.layer_0 = cell = FoldedCell(shape, *constants(settings, self._state, 0), slots)
        connect(m, flipped(self.samples), words.samples)
        turn = turns(m, len(inputs), words.start, "entering")
        free = [
            places_left(m, slots, words.start & (turn == channel), cell.done[channel]) for channel in range(len(inputs))
        ]
        m.d.comb += [
            words.steps.eq(self.steps),
            words.room.eq(Array(free)[turn]),
            cell.inputs.eq(words.beats),
        ]
        for channel, taken in enumerate(inputs):
            m.d.comb += cell.room[channel].eq(taken.room)
            self._start(m, taken, cell.start[channel], cell.outputs[channel])

    def _start(self, m, inputs, start, beats):
        """Vectors of `beats` on their way to a matrix."""
        m.d.comb += [
            inputs.start.eq(start),
            inputs.valid.eq(beats.valid),
            inputs.payload.data.eq(beats.data),
            inputs.payload.last.eq(beats.last),
        ]

    def _predict(self, m, counts):
        settings, shape = self._settings, self._settings.classifier_shape
        beats = Signal(beat_layout(shape.scan * shape.z_bits))
        argmax = find_label(m, settings, self._state, beats)
        latency = SharedMatrix.passage(shape) + label_latency(settings) + PredictionQueue.LATENCY
        # Samples that have passed together below come to the classifier at once: then it is its own pace that counts.
        places = PredictionQueue.places_needed(latency, shape.forward_cycles)
        m.submodules.queue = queue = PredictionQueue(settings.network.classes, places)
        connect(m, queue.predictions, flipped(self.predictions))
        m.d.comb += [
            counts.room.eq(queue.room),
            queue.entered.eq(counts.start),
            beats.valid.eq(counts.valid),
            beats.data.eq(counts.payload.data),
            beats.last.eq(counts.payload.last),
            queue.present.eq(argmax.done),
            queue.label.eq(argmax.label),
        ]


def _coming(settings: Settings, index: int) -> tuple[list[range], int, int]:
    """How a matrix's vectors are divided when they come, by how many channels, and cycles from their start to the last
    beat."""
    divisions = arriving(settings, index)
    if index == 0:
        return divisions, 1, len(divisions) - 1
    below = all_shapes(settings)[index - 1]
    if index == 1 and settings.recurrent:
        return divisions, below.samples, 1 + CellShape.of(settings).forward_latency
    return divisions, below.samples, SharedMatrix.passage(below)
