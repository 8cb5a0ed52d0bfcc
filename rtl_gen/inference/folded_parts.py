"""The parts of a folded network: ports, geometry, how vectors arrive, constants, and the time that it takes."""

from fractions import Fraction

import numpy as np

from bephw.rtl_gen.inference.cell_shape import CellShape
from bephw.rtl_gen.inference.folded_matrix import FoldedMatrix
from bephw.rtl_gen.inference.labels import label_latency
from bephw.rtl_gen.inference.layer import least_matches
from bephw.rtl_gen.inference.prediction_queue import PredictionQueue
from bephw.rtl_gen.inference.streams import InferenceSignature
from bephw.rtl_gen.inference.weight_source import Generated, Weights
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.settings import Settings
from bephw.shape import LayerShape
from bephw.state import NetworkState

__all__ = ["all_shapes", "arriving", "as_number", "constants", "folded_signature", "network_latency"]


def folded_signature(settings: Settings) -> InferenceSignature:
    """Samples come in words of the stream; of a recurrent network they say how many steps they have."""
    steps = settings.data.steps if settings.recurrent else None
    return InferenceSignature(settings.hardware.stream_width, settings.network.classes, steps)


def all_shapes(settings: Settings) -> tuple[LayerShape, ...]:
    """Of the layers, and of the classifier at the end."""
    first = CellShape.of(settings).padded if settings.recurrent else settings.shapes[0]
    return (first, *settings.shapes[1:], settings.classifier_shape)


def arriving(settings: Settings, index: int) -> list[range]:
    """How the inputs of a layer, or of the classifier, are divided when they arrive; of a cell, those of a step."""
    if index > 0:
        return all_shapes(settings)[index - 1].all_beats()
    return stream_beats(settings.network.sizes[0], settings.hardware.stream_width)


def constants(settings: Settings, state: NetworkState, index: int) -> tuple[Weights, list[int] | None]:
    """Bits of a layer's weights, or how they are generated, and for each output the matches that it needs to be 1; of
    the classifier, which comes last, the prototypes, and None."""
    if index == settings.network.layers:
        return state.prototypes, None
    weights = (state.counters[index] >= 0).astype(np.uint8)
    outputs, inputs = weights.shape
    least = least_matches(inputs, state.thresholds[index] if state.thresholds else [0] * outputs)
    seed = settings.network.generated[index] if settings.network.generated else 0
    return Generated(seed) if seed else weights, least


def network_latency(settings: Settings) -> int:
    """Cycles from a sample's first word to its prediction where nothing is held up, and no other sample in the way."""
    first, *others = all_shapes(settings)
    divisions = arriving(settings, 0)
    cell = CellShape.of(settings)
    passed = cell.latency(cell.steps) if settings.recurrent else FoldedMatrix.latency(first, divisions)
    behind = sum(FoldedMatrix.latency(shape, arriving(settings, index)) for index, shape in enumerate(others, 1))
    return len(divisions) - 1 + passed + behind + label_latency(settings) + PredictionQueue.LATENCY


def as_number(cycles: Fraction) -> int | float:
    """As a document has it: whole where it is."""
    return int(cycles) if cycles.denominator == 1 else float(cycles)
