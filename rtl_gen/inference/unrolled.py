"""Inference with every weight in logic: a sample a clock cycle."""

import numpy as np
from amaranth.hdl import *
from numpy.typing import NDArray

from bephw.rtl_gen.inference.argmax_tree import ArgmaxTree
from bephw.rtl_gen.inference.class_scores import ClassScores
from bephw.rtl_gen.inference.layer import ConstantLayer
from bephw.rtl_gen.inference.match_counts import MatchCounts
from bephw.rtl_gen.inference.prediction_queue import PredictionQueue
from bephw.rtl_gen.inference.sample_pipeline import SamplePipeline
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["UnrolledInference"]


class UnrolledInference(SamplePipeline):
    """The network of `settings` with the weights, thresholds and prototypes of `state`, which never change.

    `predictions` has a label for every sample of `samples`, in order: the class with the largest logit, the lowest
    index among equals (numerics.md section 2).

    Latency: `latency(settings)` cycles from the cycle in which a sample is taken to the first one in which its
    prediction is valid: 1 for the input register; for each layer ceil(log2 inputs) + 3, and no fewer than 5, and from
    512 inputs on 1 more, for the classifier 1 less; where classes have scores, 1 up to 15 inputs of the classifier, 2
    up to 255 and 3 above; 2 * ceil(log2 classes) for the argmax; 2 for the queue. It does not depend on the state.
    Throughput: a sample a cycle (initiation interval 1) as long as predictions are taken. The layers never stop: a
    sample is let in only where the queue behind them has room for its prediction.

    `settings` and `state` are to pass `check_inference`.
    """

    def __init__(self, settings: Settings, state: NetworkState) -> None:
        self._settings = settings
        self._state = state
        super().__init__(settings, self._cycles(settings))

    @classmethod
    def latency(cls, settings: Settings) -> int:
        """Cycles from a sample to its prediction where nothing is held up."""
        return cls._cycles(settings) + PredictionQueue.LATENCY

    @staticmethod
    def constant_words(state: NetworkState) -> list[NDArray[np.uint8]]:
        """The weights (K_out, K_in) of every layer and the prototypes, as bits."""
        return [*((counters >= 0).astype(np.uint8) for counters in state.counters), state.prototypes.astype(np.uint8)]

    @staticmethod
    def _cycles(settings: Settings) -> int:
        """Cycles from a sample to the queue."""
        *layers, last = settings.network.sizes
        hidden = sum(ConstantLayer.latency(inputs) for inputs in layers)
        scores = ClassScores.latency(last) if settings.network.scores else 0
        argmax = ArgmaxTree.latency(settings.network.classes, relaxed=True)
        return 1 + hidden + MatchCounts.latency(last) + scores + argmax

    def _label(self, m: Module, bits: Value) -> Value:
        return self._classify(m, self._layers(m, bits))

    def _layers(self, m: Module, bits: Value) -> Value:
        for index, weights in enumerate(self.constant_words(self._state)[:-1]):
            thresholds = self._state.thresholds[index] if self._state.thresholds else [0] * len(weights)
            m.submodules[f"layer_{index}"] = layer = ConstantLayer(weights, thresholds)
            m.d.comb += layer.inputs.eq(bits)
            bits = layer.outputs
        return bits

    def _classify(self, m: Module, bits: Value) -> Value:
        # z grows with the number of matches: the largest count has the largest logit.
        m.submodules.logits = logits = MatchCounts(self.constant_words(self._state)[-1])
        m.d.comb += logits.bits.eq(bits)
        classes, inputs = self._state.prototypes.shape
        values, width = logits.counts, inputs.bit_length()
        if self._state.scales is not None and self._state.offsets is not None:
            m.submodules.scores = scores = ClassScores(
                inputs, self._state.scales.tolist(), self._state.offsets.tolist()
            )
            m.d.comb += scores.counts.eq(values)
            values, width = scores.scores, scores.width
        m.submodules.argmax = argmax = ArgmaxTree(classes, width, relaxed=True)
        m.d.comb += argmax.values.eq(values)
        return argmax.index
