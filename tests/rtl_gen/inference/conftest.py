"""What an inference-only design computes, in plain integers; random networks."""

import dataclasses
import types

import numpy as np
import pytest

from bephw.settings import Settings
from bephw.state import NetworkState


def activations(state, index, a):
    """+1 or -1 of every output of a layer for inputs `a`."""
    z = a @ np.where(state.counters[index] >= 0, 1, -1).T
    return np.where(z >= (state.thresholds[index] if state.thresholds else 0), 1, -1)


def states(state, x):
    """+1 or -1 (n, K_s) of a cell's state after the last step of bits `x` (n, steps, K_x); the first is all ones."""
    s = np.ones((len(x), len(state.counters[0])), int)
    for step in range(x.shape[1]):
        s = activations(state, 0, np.hstack((2 * x[:, step].astype(int) - 1, s)))
    return s


def predictions(state, x):
    """The class (n,) of bits `x` (n, K_0), or (n, steps, K_0), by numerics.md."""
    a, first = (states(state, x), 1) if x.ndim == 3 else (2 * x.astype(int) - 1, 0)
    for index in range(first, len(state.counters)):
        a = activations(state, index, a)
    z = a @ (2 * state.prototypes.astype(int) - 1).T
    if state.scales is not None:
        z = state.scales * ((z + a.shape[1]) // 2) + state.offsets
    return z.argmax(axis=1)


def generated(seed, outputs, inputs):
    """The generated matrix with a seed, in Python's integers, entry by entry."""
    rows = np.empty((outputs, inputs), np.uint8)
    for j in range(outputs):
        u = (seed + j * 0xB5297A4D) % 2**32 | 1
        for k in range(inputs):
            if k % 32 == 0:
                u ^= u << 13 & 0xFFFFFFFF
                u ^= u >> 17
                u ^= u << 5 & 0xFFFFFFFF
            rows[j, k] = u >> k % 32 & 1
    return rows


def random_state(settings, generator):
    """Counters of any sign, or as `network.generated` has them; and, where there are such, thresholds near zero and at
    their ends, and scores that are often equal."""
    seeds = settings.network.generated or (0,) * settings.network.layers
    state = NetworkState(
        counters=tuple(
            generated(seed, *shape).astype(np.int16) - np.int16(1)
            if seed
            else generator.integers(-3, 3, shape).astype(np.int16)
            for seed, shape in zip(seeds, settings.matrices, strict=True)
        ),
        prototypes=generator.integers(0, 2, (settings.network.classes, settings.network.sizes[-1])).astype(np.uint8),
        generators=np.ones(settings.network.layers, np.uint32),
        accumulators=np.zeros(settings.network.layers, np.uint32),
    )
    if settings.network.scores:
        classes, inputs = state.prototypes.shape
        scales = generator.choice([generator.integers(1, 9), 2, 3], classes) * (generator.random(classes) < 0.9)
        offsets = generator.integers(0, 2 * inputs + 2, classes)
        state = dataclasses.replace(state, scales=scales.astype(np.int64), offsets=offsets)
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


def random_series(seed, count=20, steps=None, **sections):
    """Settings of a recurrent network, state, `count` samples of `steps` steps (`data.steps` where None) as bits
    (n, steps, K_0), and the labels (n,) that must come."""
    generator = np.random.default_rng(seed)
    settings = Settings.build(**sections)
    state = random_state(settings, generator)
    shape = (count, steps or settings.data.steps, settings.network.sizes[0])
    x = generator.integers(0, 2, shape).astype(np.uint8)
    return settings, state, x, predictions(state, x)


def as_words(settings, beats):
    """Words of the stream for whole samples, with noise where the last is too long."""
    inputs, width = settings.network.sizes[0], settings.hardware.stream_width
    words = -(-inputs // width)
    noise = (1 << words * width) - (1 << inputs)
    for number, beat in enumerate(beats):
        bits = beat["data"] | (noise if number % 2 else 0)
        for word in range(words):
            yield {"data": bits >> word * width & ((1 << width) - 1)}


def first_words(settings, cycles):
    """Cycles in which first words of samples were taken."""
    return cycles[:: -(-settings.network.sizes[0] // settings.hardware.stream_width)]


@pytest.fixture
def inference():
    """The functions of this file."""
    return types.SimpleNamespace(
        predictions=predictions,
        states=states,
        generated=generated,
        random_state=random_state,
        random_job=random_job,
        random_series=random_series,
        as_words=as_words,
        first_words=first_words,
    )
