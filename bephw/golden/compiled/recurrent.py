"""BEP-TT: a cell run through the steps of a series, and learning back through them (numerics.md section 4)."""

from __future__ import annotations

import numpy as np

from bephw.golden.compiled import kernels
from bephw.golden.compiled.cache import compiled
from bephw.golden.compiled.perceptron import backward, classify, prototype, reinforce_all, upward
from bephw.golden.compiled.tensors import layer, vector

__all__ = ["infer", "learn"]


@compiled
def run_cell(network, work, series, packed, states, sums):
    """The cell over all steps of `series` (steps, K_x), packed in `packed` (steps, words).

    states: int8 (steps + 1, K_in), row t is the cell's input [x_(t+1), s_t]; of the last only the state is filled in.
    sums: int32 (steps, K_s), z of every step. The last state becomes the input of layer 1.
    """
    steps, width = series.shape
    cell, thresholds = layer(network.packed, 0), vector(network.thresholds, 0)
    words, inputs = vector(work.words, 0), network.counters.columns[0]
    state_words = words[packed.shape[1] :]
    state = states[0, width:]
    state[:] = 1
    kernels.pack(state, state_words)
    for step in range(steps):
        row = states[step]
        for k in range(width):
            row[k] = 2 * series[step, k] - 1
        words[: packed.shape[1]] = packed[step]
        kernels.forward(cell, words, inputs, sums[step])
        kernels.sign_and_pack(sums[step], thresholds, states[step + 1, width:], state_words)
    last = vector(work.a, 1)
    last[:] = states[steps, width:]
    kernels.pack(last, vector(work.words, 1))


@compiled
def through_time(network, rules, work, states, sums, width, number):
    """The cell's updates from step T down to 1; desired values of the last state are in `work.d` of layer 0."""
    counters, plane = layer(network.counters, 0), layer(network.plane, 0)
    d = vector(work.d, 0)
    before = np.empty_like(d)
    for step in range(len(sums) - 1, -1, -1):
        z = sums[step]
        kernels.update_winners(
            counters, z, d, rules.gamma[0], states[step], rules.low, rules.high, rules.stride, number
        )
        if step > 0:
            state = states[step, width:]
            kernels.desired_below(plane, width, z, d, rules.gates[0], rules.keep, state, work.votes, before)
            d[:] = before


@compiled
def learn(network, rules, work, x, words, labels, number, logits, taught):
    """Series `x` (n, steps, K_x), packed in `words`, in order, the first being number `number` of its batch."""
    last, (_, steps, width) = len(network.counters.rows) - 1, x.shape
    states = np.empty((steps + 1, network.counters.columns[0]), np.int8)
    sums = np.empty((steps, network.counters.rows[0]), np.int32)
    for s in range(len(x)):
        run_cell(network, work, x[s], words[s], states, sums)
        upward(network, work, 1)
        classify(network, work, 0, last)
        taught[s, 0] = kernels.teaches(work.y, labels[s], rules.margins[0])
        if taught[s, 0]:
            prototype(network, 0, labels[s], vector(work.d, last))
            backward(network, rules, work, 1, number + s)
            through_time(network, rules, work, states, sums, width, number + s)
        logits[s] = work.y
        reinforce_all(network, rules)


@compiled
def infer(network, work, x, words, logits):
    """Logits of series `x` (n, steps, K_x), packed in `words`."""
    last, (_, steps, _) = len(network.counters.rows) - 1, x.shape
    states = np.empty((steps + 1, network.counters.columns[0]), np.int8)
    sums = np.empty((steps, network.counters.rows[0]), np.int32)
    for s in range(len(x)):
        run_cell(network, work, x[s], words[s], states, sums)
        upward(network, work, 1)
        classify(network, work, 0, last)
        logits[s] = work.y
