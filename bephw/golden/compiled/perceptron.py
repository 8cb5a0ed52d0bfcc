"""BEP and LBES on a multi-layer perceptron, a run of samples at a time (numerics.md sections 2 to 5)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bephw.golden.compiled import kernels
from bephw.golden.compiled.cache import compiled
from bephw.golden.compiled.tensors import Layers, layer, vector

__all__ = ["Network", "Rules", "Work", "backward", "classify", "infer", "learn", "upward"]


class Network(NamedTuple):
    """A network's memory. Layer l has K_in inputs and K_out outputs.

    Attributes:
        counters: (K_out, K_in), int16, or int32 where they are clipped once a batch.
        packed: the visible plane, uint64 (K_out, words); a cell's inputs and its state begin at a word each.
        plane: the visible plane, int8 (K_out, K_in).
        frames: packed prototypes (classes, words) of every classifier.
        thresholds: int32 (1, K_out).
        generators, accumulators: uint64 (layers,).
    """

    counters: Layers
    packed: Layers
    plane: Layers
    frames: Layers
    thresholds: Layers
    generators: NDArray[np.uint64]
    accumulators: NDArray[np.uint64]


class Rules(NamedTuple):
    """Hyperparameters: arrays int64 (layers,), `margins` one for each classifier; counters stay in `low` to `high`."""

    gamma: NDArray[np.int64]
    gates: NDArray[np.int64]
    margins: NDArray[np.int64]
    rates: NDArray[np.int64]
    keep: bool
    low: np.int16 | np.int32
    high: np.int16 | np.int32
    stride: int
    burst: int


class Work(NamedTuple):
    """What one sample computes, one row a layer.

    `a` int8 (1, K_in), `words` packed `a`, `z` int32 (1, K_out), `d` int8 (1, K_out). `a` and `words` have one more,
    the last outputs. `votes` int32 is scratch, `y` int32 (classes,) holds logits.
    """

    a: Layers
    words: Layers
    z: Layers
    d: Layers
    votes: NDArray[np.int32]
    y: NDArray[np.int32]


@compiled
def upward(network, work, first):
    """Forward pass of layers `first` and up, from `work`'s inputs of layer `first`."""
    for index in range(first, len(network.counters.rows)):
        z, inputs = vector(work.z, index), network.counters.columns[index]
        kernels.forward(layer(network.packed, index), vector(work.words, index), inputs, z)
        thresholds = vector(network.thresholds, index)
        kernels.sign_and_pack(z, thresholds, vector(work.a, index + 1), vector(work.words, index + 1))


@compiled
def classify(network, work, frame, index):
    """Logits of classifier `frame` on the outputs of layer `index`, into `work.y`."""
    width = network.counters.rows[index]
    kernels.forward(layer(network.frames, frame), vector(work.words, index + 1), width, work.y)


@compiled
def prototype(network, frame, label, d):
    """d = the prototype of `label` in classifier `frame`, as +1/-1."""
    row = layer(network.frames, frame)[label]
    for k in range(len(d)):
        d[k] = 1 if (row[k // 64] >> np.uint64(k % 64)) & np.uint64(1) else -1


@compiled
def step_rows(network, rules, work, index, number):
    """Winner rows of layer `index`, with its z, its desired values and its inputs in `work`."""
    kernels.update_winners(
        layer(network.counters, index),
        vector(work.z, index),
        vector(work.d, index),
        rules.gamma[index],
        vector(work.a, index),
        rules.low,
        rules.high,
        rules.stride,
        number,
    )


@compiled
def backward(network, rules, work, first, number):
    """Section 4: updates of layers `first` and up from the last layer's desired values in `work.d`.

    The desired inputs of layer `first`, where it is not 0, are left in `work.d` of the layer below.
    """
    for index in range(len(network.counters.rows) - 1, first - 1, -1):
        step_rows(network, rules, work, index, number)
        if index > 0:
            kernels.desired_below(
                layer(network.plane, index),
                0,
                vector(work.z, index),
                vector(work.d, index),
                rules.gates[index],
                rules.keep,
                vector(work.a, index),
                work.votes,
                vector(work.d, index - 1),
            )


@compiled
def reinforce_all(network, rules):
    """Section 5, one sample, every layer."""
    for index in range(len(rules.rates)):
        network.accumulators[index], network.generators[index] = kernels.reinforce(
            layer(network.counters, index),
            rules.rates[index],
            network.accumulators[index],
            network.generators[index],
            rules.low,
            rules.high,
            rules.burst,
        )


@compiled
def present(bits, words, work):
    """A sample's bits (K_0,), also packed, become the first layer's inputs."""
    a = vector(work.a, 0)
    for k in range(len(bits)):
        a[k] = 2 * bits[k] - 1
    vector(work.words, 0)[:] = words


@compiled
def learn(network, rules, work, local, x, words, labels, number, logits, taught):
    """Samples `x` (n, K_0), packed in `words`, in order, the first being number `number` of its batch."""
    last = len(network.counters.rows) - 1
    for s in range(len(x)):
        present(x[s], words[s], work)
        upward(network, work, 0)
        if local:
            for index in range(last + 1):
                classify(network, work, index, index)
                taught[s, index] = kernels.teaches(work.y, labels[s], rules.margins[index])
                if taught[s, index]:
                    prototype(network, index, labels[s], vector(work.d, index))
                    step_rows(network, rules, work, index, number + s)
        else:
            classify(network, work, 0, last)
            taught[s, 0] = kernels.teaches(work.y, labels[s], rules.margins[0])
            if taught[s, 0]:
                prototype(network, 0, labels[s], vector(work.d, last))
                backward(network, rules, work, 0, number + s)
        logits[s] = work.y
        reinforce_all(network, rules)


@compiled
def infer(network, work, x, words, logits):
    """Logits of samples `x` (n, K_0), packed in `words`."""
    last = len(network.counters.rows) - 1
    for s in range(len(x)):
        present(x[s], words[s], work)
        upward(network, work, 0)
        classify(network, work, len(network.frames.rows) - 1, last)
        logits[s] = work.y
