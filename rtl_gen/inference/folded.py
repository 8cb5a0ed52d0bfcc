"""Inference with the weights in memories: any network, a part of each layer at a time."""

from itertools import pairwise

import numpy as np
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import connect, flipped

from bephw.rtl_gen.inference.beat_argmax import BeatArgmax
from bephw.rtl_gen.inference.folded_matrix import FoldedMatrix
from bephw.rtl_gen.inference.layer import least_matches
from bephw.rtl_gen.inference.prediction_queue import PredictionQueue
from bephw.rtl_gen.inference.sample_words import SampleWords
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

    `settings` and `state` are to pass `check_inference`.
    """

    def __init__(self, settings: Settings, state: NetworkState) -> None:
        self._settings = settings
        self._state = state
        super().__init__(InferenceSignature(self.word_width(settings), settings.network.classes))

    @staticmethod
    def word_width(settings: Settings) -> int:
        """Bits of a word of `samples`."""
        return settings.hardware.stream_width

    @classmethod
    def interval(cls, settings: Settings) -> int:
        """Cycles from a sample to the next."""
        return max(len(_divisions(settings, 0)), *(shape.forward_cycles for shape in _shapes(settings)))

    @classmethod
    def latency(cls, settings: Settings) -> int:
        """Cycles from a sample's first word to its prediction where nothing is held up."""
        shapes = _shapes(settings)
        matrices = sum(FoldedMatrix.latency(shape, _divisions(settings, i)) for i, shape in enumerate(shapes))
        arrival = len(_divisions(settings, 0)) - 1
        return arrival + matrices + BeatArgmax.latency(shapes[-1]) + PredictionQueue.LATENCY

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

    def _matrix(self, index: int) -> FoldedMatrix:
        """A layer, or the classifier, which comes last."""
        settings, state = self._settings, self._state
        shape, divisions, slots = _shapes(settings)[index], _divisions(settings, index), self._slots(index)
        if index == settings.network.layers:
            return FoldedMatrix(shape, divisions, state.prototypes, slots)
        weights = (state.counters[index] >= 0).astype(np.uint8)
        thresholds = state.thresholds[index] if state.thresholds else [0] * shape.outputs
        return FoldedMatrix(shape, divisions, weights, slots, least_matches(shape.inputs, thresholds))

    def _slots(self, index: int) -> int:
        """Vectors in flight before a matrix."""
        settings = self._settings
        shape, divisions = _shapes(settings)[index], _divisions(settings, index)
        return FoldedMatrix.slots_needed(shape, divisions, _span(settings, index), self.interval(settings))

    def _let_in(self, m: Module, first: FoldedMatrix) -> None:
        settings = self._settings
        m.submodules.words = words = SampleWords(
            settings.network.sizes[0], self.word_width(settings), self._slots(0), self.interval(settings)
        )
        connect(m, flipped(self.samples), words.samples)
        m.d.comb += [first.inputs.eq(words.beats), words.done.eq(first.done)]

    def _predict(self, m: Module, first: FoldedMatrix, classifier: FoldedMatrix) -> None:
        settings, interval = self._settings, self.interval(self._settings)
        m.submodules.argmax = argmax = BeatArgmax(settings.classifier_shape)
        places = PredictionQueue.places_needed(self.latency(settings), interval)
        m.submodules.queue = queue = PredictionQueue(settings.network.classes, places)
        connect(m, queue.predictions, flipped(self.predictions))
        m.d.comb += [
            argmax.counts.eq(classifier.outputs),
            queue.present.eq(argmax.done),
            queue.label.eq(argmax.label),
            queue.entered.eq(first.start),
            first.room.eq(queue.room & spaced(m, first.start, interval)),
        ]


def _shapes(settings: Settings) -> tuple[LayerShape, ...]:
    """Of the layers, and of the classifier at the end."""
    return (*settings.shapes, settings.classifier_shape)


def _divisions(settings: Settings, index: int) -> list[range]:
    """How the inputs of a layer, or of the classifier, are divided when they arrive."""
    if index > 0:
        return settings.shapes[index - 1].all_beats()
    return stream_beats(settings.network.sizes[0], settings.hardware.stream_width)


def _span(settings: Settings, index: int) -> int:
    """Cycles from the first beat of those inputs to the last."""
    if index == 0:
        return len(_divisions(settings, 0)) - 1
    shape = settings.shapes[index - 1]
    return (shape.groups - 1) * shape.words + shape.last_beats - 1
