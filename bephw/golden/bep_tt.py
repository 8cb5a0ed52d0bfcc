"""BEP-TT (numerics.md section 4): a recurrent cell, then a perceptron on its last state; learning through time.

The cell is layer 0. Its input at step t is [x_t, s_(t-1)], s_0 is all ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bephw.golden.bep import propagate
from bephw.golden.counters import Updates
from bephw.golden.credit import desired_below
from bephw.golden.forward import Signs, activate, forward, preactivation
from bephw.golden.lessons import LayerUpdates, Lessons, Network
from bephw.golden.margin import teaches
from bephw.golden.winners import winners

__all__ = ["learn", "logits", "run_cell"]


def logits(network: Network, x: Signs) -> NDArray[np.int32]:
    """Logits (n, classes) of series `x` (n, steps, K_x)."""
    _, cells = run_cell(network.planes[0], network.thresholds[0], x)
    _, activations = forward(network.planes[1:], network.thresholds[1:], cells[-1])
    return preactivation(activations[-1], network.frames[-1]).astype(np.int32)


def learn(network: Network, x: Signs, labels: NDArray[np.int64]) -> Lessons:
    """Lessons of series `x` (n, steps, K_x) with `labels` (n,)."""
    cell_sums, states = run_cell(network.planes[0], network.thresholds[0], x)
    sums, activations = forward(network.planes[1:], network.thresholds[1:], states[-1])
    y = preactivation(activations[-1], network.frames[-1]).astype(np.int32)
    taught = teaches(y, labels, network.margins[-1])
    teaching = np.flatnonzero(taught)
    layers, desired = propagate(network, 1, sums, activations, teaching, network.frames[-1][labels[teaching]])
    cell = _through_time(network, x, cell_sums, states, teaching, desired)
    return Lessons(y, taught, [cell, *layers])


def run_cell(cell: Signs, threshold: Signs | float, x: Signs) -> tuple[list[Signs], list[Signs]]:
    """z of steps 1 to T, and the states s_0 to s_T, of a cell's weights (K_s, K_x + K_s) and series (n, steps, K_x)."""
    samples, steps, _ = x.shape
    sums, states = [], [np.ones((samples, len(cell)), np.float32)]
    for step in range(steps):
        sums.append(preactivation(np.hstack((x[:, step], states[-1])), cell))
        states.append(activate(sums[-1], threshold))
    return sums, states


def _through_time(
    network: Network, x: Signs, sums: list[Signs], states: list[Signs], teaching: NDArray[np.intp], desired: Signs
) -> LayerUpdates:
    """The cell's updates: of every sample those of step T first, `desired` (lessons, K_s) being for s_T."""
    samples, steps, width = x.shape
    recurrent = np.ascontiguousarray(network.planes[0][:, width:])
    lessons, rows, signs, times = [], [], [], []
    for step in reversed(range(steps)):
        z = sums[step][teaching]
        which, winning = winners(z, desired, network.gamma[0])
        lessons.append(which)
        rows.append(winning)
        signs.append(desired[which, winning])
        times.append(np.full(len(which), step))
        if step:
            kept = states[step][teaching]
            desired = desired_below(desired, z, recurrent, kept, network.gates[0], network.tie)
    lesson = np.concatenate(lessons)
    # Sample by sample; the sort is stable, so that within one later steps stay first.
    order = np.argsort(lesson, kind="stable")
    sample = teaching[lesson[order]]
    inputs = np.concatenate((x, np.stack(states[:-1], axis=1)), axis=2).reshape(samples * steps, -1)
    updates = Updates(
        samples=sample,
        rows=np.concatenate(rows)[order],
        signs=np.concatenate(signs)[order],
        sources=sample * steps + np.concatenate(times)[order],
    )
    return LayerUpdates(inputs, updates)
