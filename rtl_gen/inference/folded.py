"""Inference with the weights in memories: any network, a part of each layer at a time."""

from itertools import pairwise

import numpy as np
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import connect, flipped

from bephw.rtl_gen.inference.beat_argmax import BeatArgmax
from bephw.rtl_gen.inference.cell_shape import CellShape
from bephw.rtl_gen.inference.folded_cell import FoldedCell
from bephw.rtl_gen.inference.folded_matrix import FoldedMatrix
from bephw.rtl_gen.inference.layer import least_matches
from bephw.rtl_gen.inference.prediction_queue import PredictionQueue
from bephw.rtl_gen.inference.sample_words import SampleWords
from bephw.rtl_gen.inference.series_words import SeriesWords
from bephw.rtl_gen.inference.spacing import spaced
from bephw.rtl_gen.inference.streams import InferenceSignature
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.settings import Settings
from bephw.shape import LayerShape
from bephw.state import NetworkState

__all__ = ["FoldedInference"]


class FoldedInference(wiring.Component):
    """The network of `settings` with the weights, thresholds and prototypes of `state`, which never change, in
    read-only memories; folded as the trainer, by `hardware.rows` and `hardware.columns`.

    A sample comes by `samples` in words of `hardware.stream_width` bits, the first input lowest, the last word filled
    up with anything; `predictions` has a label for every sample, in order: the class with the largest logit, the lowest
    index among equals (numerics.md section 2).

    Throughput: a sample every `interval(settings)` cycles as long as words come and predictions are taken: as many as
    the slowest part takes, `groups * words` of a layer or of the classifier, or the words of the stream. All parts work
    at the same time, on different samples.

    Latency: `latency(settings)` cycles from the cycle in which a sample's first word is taken to the first one in which
    its prediction is valid, where nothing is held up.

    Nothing between the first forward pass and the predictions ever stops, so the parts need no flow control: a forward
    pass of the first layer starts only `interval` cycles after the one before, at the earliest, and where the queue at
    the end has room for its prediction.

    In a recurrent network the first layer is a cell (`FoldedCell`), and a sample has the steps that port `steps` says
    with its first word, 1 to `data.steps`, one after the other; each begins a word. `interval` and `latency` are then
    those of samples of `data.steps` steps: `interval` over many samples, as the cell works on several in turn and a
    prediction may come earlier or later than in an even stream; `latency` where no other sample is in the cell.

    `settings` and `state` are to pass `check_inference`.
    """

    def __init__(self, settings: Settings, state: NetworkState) -> None:
        self._settings = settings
        self._state = state
        steps = settings.data.steps if settings.recurrent else None
        super().__init__(InferenceSignature(self.word_width(settings), settings.network.classes, steps))

    @staticmethod
    def word_width(settings: Settings) -> int:
        """Bits of a word of `samples`."""
        return settings.hardware.stream_width

    @classmethod
    def interval(cls, settings: Settings) -> int:
        """Cycles from a sample to the next."""
        if not settings.recurrent:
            return _pace(settings)
        cell = CellShape.of(settings)
        return max(cell.steps * cell.step_interval, _pace(settings))

    @classmethod
    def latency(cls, settings: Settings) -> int:
        """Cycles from a sample's first word to its prediction where nothing is held up."""
        first = _shapes(settings)[0]
        arrival = len(_divisions(settings, 0)) - 1
        if settings.recurrent:
            cell = CellShape.of(settings)
            return arrival + cell.latency(cell.steps) + cls._rest(settings)
        return arrival + FoldedMatrix.latency(first, _divisions(settings, 0)) + cls._rest(settings)

    @staticmethod
    def _rest(settings: Settings) -> int:
        """Cycles from the last beat of the first layer's outputs to the prediction."""
        shapes = _shapes(settings)
        matrices = sum(FoldedMatrix.latency(shapes[i], _divisions(settings, i)) for i in range(1, len(shapes)))
        return matrices + BeatArgmax.latency(shapes[-1]) + PredictionQueue.LATENCY

    def elaborate(self, platform):
        m = Module()
        matrices = [self._matrix(index) for index in range(len(_shapes(self._settings)))]
        for index, matrix in enumerate(matrices[:-1]):
            m.submodules[f"layer_{index}"] = matrix
        m.submodules.classifier = matrices[-1]
        self._let_in(m, matrices[0])
        for matrix, following in pairwise(matrices):
            m.d.comb += [following.inputs.eq(matrix.outputs), following.room.eq(1)]
        self._predict(m, matrices[0], matrices[-1])
        return m

    def _matrix(self, index: int) -> FoldedMatrix | FoldedCell:
        """A layer, or the classifier, which comes last."""
        settings, state = self._settings, self._state
        shape, divisions, slots = _shapes(settings)[index], _divisions(settings, index), self._slots(index)
        if index == settings.network.layers:
            return FoldedMatrix(shape, divisions, state.prototypes, slots)
        weights = (state.counters[index] >= 0).astype(np.uint8)
        inputs = weights.shape[1]
        least = least_matches(inputs, state.thresholds[index] if state.thresholds else [0] * shape.outputs)
        if index == 0 and settings.recurrent:
            return FoldedCell(CellShape.of(settings), weights, slots, least)
        return FoldedMatrix(shape, divisions, weights, slots, least)

    def _slots(self, index: int) -> int:
        """Samples in flight before a matrix."""
        settings = self._settings
        if index == 0 and settings.recurrent:
            return CellShape.of(settings).slots_needed(self.interval(settings))
        shape, divisions = _shapes(settings)[index], _divisions(settings, index)
        return FoldedMatrix.slots_needed(shape, divisions, _span(settings, index), _pace(settings))

    def _let_in(self, m: Module, first: FoldedMatrix | FoldedCell) -> None:
        settings, slots = self._settings, self._slots(0)
        if settings.recurrent:
            words = SeriesWords(CellShape.of(settings), slots, _pace(settings))
            m.d.comb += words.steps.eq(self.steps)
        else:
            words = SampleWords(settings.network.sizes[0], self.word_width(settings), slots, self.interval(settings))
        m.submodules.words = words
        connect(m, flipped(self.samples), words.samples)
        m.d.comb += [first.inputs.eq(words.beats), words.done.eq(first.done)]

    def _predict(self, m: Module, first: FoldedMatrix, classifier: FoldedMatrix) -> None:
        settings, pace = self._settings, _pace(self._settings)
        m.submodules.argmax = argmax = BeatArgmax(settings.classifier_shape)
        places = PredictionQueue.places_needed(self.latency(settings), pace)
        m.submodules.queue = queue = PredictionQueue(settings.network.classes, places)
        connect(m, queue.predictions, flipped(self.predictions))
        m.d.comb += [
            argmax.counts.eq(classifier.outputs),
            queue.present.eq(argmax.done),
            queue.label.eq(argmax.label),
            queue.entered.eq(first.start),
            first.room.eq(queue.room & spaced(m, first.start, pace)),
        ]


def _shapes(settings: Settings) -> tuple[LayerShape, ...]:
    """Of the layers, and of the classifier at the end."""
    first = CellShape.of(settings).padded if settings.recurrent else settings.shapes[0]
    return (first, *settings.shapes[1:], settings.classifier_shape)


def _pace(settings: Settings) -> int:
    """Cycles from one vector to the next behind the first layer, at least."""
    return max(len(_divisions(settings, 0)), *(shape.forward_cycles for shape in _shapes(settings)))


def _divisions(settings: Settings, index: int) -> list[range]:
    """How the inputs of a layer, or of the classifier, are divided when they arrive; of a cell, those of a step."""
    if index > 0:
        return _shapes(settings)[index - 1].all_beats()
    return stream_beats(settings.network.sizes[0], settings.hardware.stream_width)


def _span(settings: Settings, index: int) -> int:
    """Cycles from the first beat of those inputs to the last."""
    if index == 0:
        return len(_divisions(settings, 0)) - 1
    shape = _shapes(settings)[index - 1]
    return (shape.groups - 1) * shape.words + shape.last_beats - 1
