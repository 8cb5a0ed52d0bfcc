"""Random networks of logic gates, and what they compute, in plain Python: what model and hardware are held to."""

from __future__ import annotations

import numpy as np

from bephw.logic_state import LogicLayer, LogicState
from bephw.settings import Settings


def random_network(seed, sizes, classes, gates=range(16), **logic):
    """Settings and a network with gates of some kinds; logic: the settings' part."""
    random = np.random.default_rng(seed)
    settings = Settings.build(
        network={"sizes": list(sizes), "classes": classes}, learning={"algorithm": "logic"}, logic=logic
    )
    layers = tuple(
        LogicLayer(
            random.integers(0, inputs, outputs).astype(np.int32),
            random.integers(0, inputs, outputs).astype(np.int32),
            random.choice(list(gates), outputs).astype(np.uint8),
        )
        for outputs, inputs in settings.matrices
    )
    return settings, LogicState(layers).validate(settings)


def random_bits(seed, samples, inputs):
    """Bits (samples, inputs)."""
    return np.random.default_rng([seed, 1]).integers(0, 2, (samples, inputs), np.uint8)


def plain_outputs(state, bits):
    """The outputs of one sample, gate by gate from the truth tables."""
    signals = [int(bit) for bit in bits]
    for layer in state.layers:
        signals = [
            int(gate) >> (3 - 2 * signals[a] - signals[b]) & 1
            for a, b, gate in zip(layer.index_a, layer.index_b, layer.gate, strict=True)
        ]
    return signals


def plain_prediction(settings, state, bits):
    """The class of one sample, and the counts of all."""
    outputs, classes = plain_outputs(state, bits), settings.network.classes
    each = len(outputs) // classes
    counts = [sum(outputs[first : first + each]) for first in range(0, len(outputs), each)]
    return counts.index(max(counts)), counts
