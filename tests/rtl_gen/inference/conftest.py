"""What an inference-only design computes, in plain integers; random networks."""

import dataclasses
import types

import numpy as np
import pytest

from bephw.settings import Settings
from bephw.state import NetworkState


def predictions(state, x):
    """The class (n,) of bits `x` (n, K_0), by numerics.md section 2."""
    a = 2 * x.astype(int) - 1
    for index, counters in enumerate(state.counters):
        z = a @ np.where(counters >= 0, 1, -1).T
        a = np.where(z >= (state.thresholds[index] if state.thresholds else 0), 1, -1)
    return (a @ (2 * state.prototypes.astype(int) - 1).T).argmax(axis=1)


def random_state(settings, generator):
    """Counters of any sign, and thresholds, where there are such, near zero and at their ends."""
    state = NetworkState(
        counters=tuple(generator.integers(-3, 3, shape).astype(np.int16) for shape in settings.matrices),
        prototypes=generator.integers(0, 2, (settings.network.classes, settings.network.sizes[-1])).astype(np.uint8),
        generators=np.ones(settings.network.layers, np.uint32),
        accumulators=np.zeros(settings.network.layers, np.uint32),
    )
    if not settings.network.thresholds:
        return state
    thresholds = []
    for outputs, inputs in settings.matrices:
        near = np.clip(np.round(generator.normal(0, np.sqrt(inputs), outputs)), -inputs, inputs + 1)
        ends = generator.choice([-inputs, inputs + 1], outputs)
        thresholds.append(np.where(generator.random(outputs) < 0.1, ends, near).astype(np.int32))
    return dataclasses.replace(state, thresholds=tuple(thresholds))


def random_job(seed, count=150, **sections):
    """Settings, state, `count` samples as beats of `samples`, and the beats of `predictions` that must come."""
    generator = np.random.default_rng(seed)
    settings = Settings.build(**sections)
    state = random_state(settings, generator)
    x = generator.integers(0, 2, (count, settings.network.sizes[0])).astype(np.uint8)
    beats = [{"data": sum(int(bit) << index for index, bit in enumerate(bits))} for bits in x]
    return settings, state, beats, [{"label": int(label)} for label in predictions(state, x)]


@pytest.fixture
def inference():
    """`predictions`, `random_state` and `random_job`."""
    return types.SimpleNamespace(predictions=predictions, random_state=random_state, random_job=random_job)
