"""Measured sparsity: what the samples of a real stream do to the golden model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bephw.golden import reinforcement
from bephw.golden.bep_tt import run_cell
from bephw.golden.credit import desired_below
from bephw.golden.forward import Signs, forward, preactivation, signed
from bephw.golden.initial import initial_state
from bephw.golden.margin import teaches
from bephw.golden.model import EngineName, GoldenModel
from bephw.golden.rates import rates
from bephw.golden.training import Samples, fit, sample_stream
from bephw.golden.winners import winners
from bephw.plan.activity import Activity
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["measure", "measure_states"]


def measure(
    settings: Settings,
    state: NetworkState,
    x: NDArray[np.integer],
    y: NDArray[np.integer],
    *,
    reinforcement_rates: Sequence[int] | None = None,
    engine: EngineName = "compiled",
) -> tuple[Activity, NetworkState]:
    """Train the golden model from `state` on `x` (n, K_0) or (n, steps, K_0), `y` (n,), in batches; what the samples
    did, and the state afterwards, its last batch closed.

    `reinforcement_rates` are the golden model's where None; `engine` is that of `GoldenModel`.
    """
    model = GoldenModel(settings, state, engine)
    if reinforcement_rates is not None:
        model.rates = tuple(reinforcement_rates)
    batch = settings.learning.batch
    parts = []
    for start in range(0, len(x), batch):
        bits, labels = np.asarray(x[start : start + batch]), np.asarray(y[start : start + batch])
        parts.append(_batch(settings, model, bits, labels))
        model.train(bits, labels)
    model.end_batch()
    return _joined(parts), model.state


def _batch(settings: Settings, model: GoldenModel, x: NDArray[np.integer], y: NDArray[np.integer]) -> Activity:
    """What the samples of one batch, which begins now, will do."""
    state, layers = model.state, settings.network.layers
    planes = [signed(plane) for plane in model.planes]
    thresholds = [np.zeros(len(plane), np.float32) for plane in planes]
    cell_sums, states = run_cell(planes[0], 0, signed(x)) if settings.recurrent else ([], [signed(x)])
    below = 1 if settings.recurrent else 0  # layers that see a sample step by step
    sums, activations = forward(planes[below:], thresholds[below:], states[-1])
    frames = [signed(prototypes) for prototypes in state.all_prototypes]
    first = layers - len(frames)  # the lowest layer with a classifier
    outputs = activations[1:]
    taught = [
        teaches(preactivation(outputs[layer - below], frames[layer - first]).astype(np.int32), y.astype(np.int64), R)
        for layer, R in enumerate(settings.margins, first)
    ]
    gated = {shape.index for shape in settings.gated_shapes}

    desired = np.zeros(0, np.float32)
    rows: list[NDArray[np.int32]] = []
    opened: list[NDArray[np.bool_] | None] = []
    for layer in reversed(range(below, layers)):
        if layer >= first:
            teaching = np.flatnonzero(taught[layer - first])
            desired = frames[layer - first][y[teaching]]
        z, gamma = sums[layer - below][teaching], settings.gamma[layer]
        rows.insert(0, _winner_rows(len(x), teaching, z, desired, gamma))
        if layer not in gated:
            opened.insert(0, None)
            continue
        gate, kept = settings.G[layer], activations[layer - below][teaching]
        opened.insert(0, _open_rows(len(x), teaching, z, gate))
        desired = desired_below(desired, z, planes[layer], kept, gate, settings.learning.tie)
    if settings.recurrent:
        won, through = _through_time(settings, planes[0], cell_sums, states, teaching, desired)
        rows.insert(0, won)
        opened.insert(0, through)
    drawn = [_events(model, state, layer, len(x)) for layer in range(layers)]
    return Activity(
        np.stack(taught, axis=1) if settings.local else taught[0],
        tuple(rows),
        tuple(opened),
        events=tuple(np.bincount(events.samples, minlength=len(x)).astype(np.int64) for events in drawn),
        places=tuple(np.stack([events.rows, events.columns], axis=1).astype(np.int64) for events in drawn),
    )


def _through_time(
    settings: Settings, cell: Signs, sums: list[Signs], states: list[Signs], teaching: NDArray[np.intp], desired: Signs
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Winners (n, steps, winner groups) and open rows (n, steps, K_out) of a cell whose last states should be
    `desired`."""
    gate, gamma, samples = settings.G[0], settings.gamma[0], len(sums[0])
    recurrent = np.ascontiguousarray(cell[:, -len(cell) :])
    rows, opened = [], []
    for step in reversed(range(len(sums))):
        z = sums[step][teaching]
        rows.append(_winner_rows(samples, teaching, z, desired, gamma))
        if step:
            kept = states[step][teaching]
            desired = desired_below(desired, z, recurrent, kept, gate, settings.learning.tie)
        opened.append(_open_rows(samples, teaching if step else teaching[:0], z if step else z[:0], gate))
    return np.stack(rows[::-1], axis=1), np.stack(opened[::-1], axis=1)


def _open_rows(n: int, teaching: NDArray[np.intp], z: Signs, gate: int) -> NDArray[np.bool_]:
    result = np.zeros((n, z.shape[1]), np.bool_)
    result[teaching] = np.abs(z) <= np.float32(gate)
    return result


def _winner_rows(n: int, teaching: NDArray[np.intp], z: Signs, desired: Signs, gamma: int) -> NDArray[np.int32]:
    result = np.full((n, z.shape[1] // gamma), -1, np.int32)
    lessons, rows = winners(z, desired, gamma)
    result[teaching[lessons], rows // gamma] = rows
    return result


def _events(model: GoldenModel, state: NetworkState, layer: int, n: int) -> reinforcement.Events:
    events, _, _ = reinforcement.draw(
        n, model.rates[layer], int(state.accumulators[layer]), int(state.generators[layer]), state.counters[layer].shape
    )
    return events


def _joined(parts: list[Activity]) -> Activity:
    def open_rows(layer: int) -> NDArray[np.bool_] | None:
        pieces = [part.open[layer] for part in parts]
        return None if pieces[0] is None else np.concatenate([piece for piece in pieces if piece is not None])

    layers = range(len(parts[0].winners))
    return Activity(
        taught=np.concatenate([part.taught for part in parts]),
        winners=tuple(np.concatenate([part.winners[layer] for part in parts]) for layer in layers),
        open=tuple(open_rows(layer) for layer in layers),
        events=tuple(np.concatenate([part.events[layer] for part in parts]) for layer in layers),
        places=tuple(np.concatenate([part.places[layer] for part in parts]) for layer in layers),
    )


def measure_states(settings: Settings, dataset: Samples, samples: int, epochs: int) -> dict[str, Activity]:
    """What the first so many samples of an epoch do from a fresh state, and after `epochs` of training."""
    learnt = fit(settings, dataset, epochs=epochs)
    starts = {
        "fresh": (initial_state(settings), 1, rates(settings, 1 / settings.network.classes)),
        "trained": (learnt.state, epochs + 1, rates(settings, learnt.history[-1].train_accuracy)),
    }
    found = {}
    for name, (state, epoch, reinforced) in starts.items():
        x, y = sample_stream(settings, dataset, epoch)
        found[name], _ = measure(settings, state, x[:samples], y[:samples], reinforcement_rates=reinforced)
    return found
