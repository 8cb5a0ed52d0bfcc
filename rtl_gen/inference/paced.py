"""Folded inference a sample at a time, in a pipeline that never stops."""

from fractions import Fraction
from itertools import pairwise

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import connect, flipped

from bephw.rtl_gen.inference.cell_shape import CellShape
from bephw.rtl_gen.inference.folded_cell import FoldedCell
from bephw.rtl_gen.inference.folded_matrix import FoldedMatrix
from bephw.rtl_gen.inference.folded_parts import all_shapes, arriving, constants, folded_signature, network_latency
from bephw.rtl_gen.inference.labels import find_label
from bephw.rtl_gen.inference.prediction_queue import PredictionQueue
from bephw.rtl_gen.inference.sample_words import SampleWords
from bephw.rtl_gen.inference.series_words import SeriesWords
from bephw.rtl_gen.inference.spacing import spaced
from bephw.rtl_gen.parts.arithmetic import places_left
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["PacedNetwork"]


class PacedNetwork(wiring.Component):
    """As `FoldedInference`, with one sample in each part at a time.

    Nothing between the first forward pass and the predictions ever stops, so the parts need no flow control: a forward
    pass of the first layer starts only `interval` cycles after the one before, at the earliest, and where the queue at
    the end has room for its prediction.

    Throughput: a sample every `interval(settings)` cycles. Latency: `network_latency`.
    """

    def __init__(self, settings: Settings, state: NetworkState) -> None:
        self._settings = settings
        self._state = state
        super().__init__(folded_signature(settings))

    @staticmethod
    def interval(settings: Settings) -> Fraction:
        """Cycles from a sample to the next."""
        pace = Fraction(_pace(settings))
        if not settings.recurrent:
            return pace
        cell = CellShape.of(settings)
        return max(cell.steps * cell.step_interval, pace)

    def elaborate(self, platform):
        m = Module()
        matrices = [self._matrix(index) for index in range(len(all_shapes(self._settings)))]
        for index, matrix in enumerate(matrices[:-1]):
            m.submodules[f"layer_{index}"] = matrix
        m.submodules.classifier = matrices[-1]
        self._let_in(m, matrices[0])
        for matrix, following in pairwise(matrices):
            outputs = matrix.outputs[0] if isinstance(matrix, FoldedCell) else matrix.outputs
            m.d.comb += [following.inputs.eq(outputs), following.room.eq(1)]
        self._predict(m, matrices[0], matrices[-1])
        return m

    def _matrix(self, index: int) -> FoldedMatrix | FoldedCell:
        """A layer, or the classifier, which comes last."""
        settings, slots = self._settings, self._slots(index)
        weights, least = constants(settings, self._state, index)
        if index == 0 and settings.recurrent:
            return FoldedCell(CellShape.of(settings), weights, least, slots)
        return FoldedMatrix(all_shapes(settings)[index], arriving(settings, index), weights, slots, least)

    def _slots(self, index: int) -> int:
        """Samples in flight before a matrix."""
        settings = self._settings
        if index == 0 and settings.recurrent:
            return CellShape.of(settings).slots_needed(self.interval(settings))
        shape, divisions = all_shapes(settings)[index], arriving(settings, index)
        return FoldedMatrix.slots_needed(shape, divisions, _span(settings, index), _pace(settings))

    def _let_in(self, m: Module, first: FoldedMatrix | FoldedCell) -> None:
        settings = self._settings
        words: SampleWords | SeriesWords
        if settings.recurrent:
            words = SeriesWords(CellShape.of(settings))
            m.d.comb += words.steps.eq(self.steps)
        else:
            words = SampleWords(settings.network.sizes[0], settings.hardware.stream_width)
        m.submodules.words = words
        connect(m, flipped(self.samples), words.samples)
        free = places_left(m, self._slots(0), words.start, first.done)
        m.d.comb += [
            words.room.eq(free & spaced(m, words.start, _pace(settings))),
            first.inputs.eq(words.beats),
        ]

    def _predict(self, m: Module, first: FoldedMatrix, classifier: FoldedMatrix) -> None:
        settings, pace = self._settings, _pace(self._settings)
        argmax = find_label(m, settings, self._state, classifier.outputs)
        places = PredictionQueue.places_needed(network_latency(settings), pace)
        m.submodules.queue = queue = PredictionQueue(settings.network.classes, places)
        connect(m, queue.predictions, flipped(self.predictions))
        m.d.comb += [
            queue.present.eq(argmax.done),
            queue.label.eq(argmax.label),
            queue.entered.eq(first.start),
            first.room.eq(queue.room & spaced(m, first.start, pace)),
        ]


def _pace(settings: Settings) -> int:
    """Cycles from one vector to the next behind the first layer, at least."""
    return max(len(arriving(settings, 0)), *(shape.forward_cycles for shape in all_shapes(settings)))


def _span(settings: Settings, index: int) -> int:
    """Cycles from the first beat of those inputs to the last."""
    if index == 0:
        return len(arriving(settings, 0)) - 1
    shape = all_shapes(settings)[index - 1]
    return (shape.groups - 1) * shape.words + shape.last_beats - 1
