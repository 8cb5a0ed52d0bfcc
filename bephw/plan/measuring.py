"""Measured sparsity: what the samples of a real stream do to the golden model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bephw.golden import reinforcement
from bephw.golden.credit import desired_below
from bephw.golden.forward import Signs, forward, preactivation, signed, visible
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
    """Train the golden model from `state` on `x` (n, K_0), `y` (n,), in batches; what the samples did, and the state
    afterwards, its last batch closed.

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
    """What the samples of one batch will do. It begins now, so the planes show the counters."""
    state, layers = model.state, settings.network.layers
    planes = [visible(counters) for counters in state.counters]
    sums, activations = forward(planes, [np.zeros(len(plane), np.float32) for plane in planes], signed(x))
    frames = [signed(prototypes) for prototypes in state.all_prototypes]
    first = layers - len(frames)  # the lowest layer with a classifier
    taught = [
        teaches(preactivation(activations[layer + 1], frames[layer - first]).astype(np.int32), y.astype(np.int64), R)
        for layer, R in enumerate(settings.margins, first)
    ]
    gated = {shape.index for shape in settings.gated_shapes}

    desired = np.zeros(0, np.float32)
    rows: list[NDArray[np.int32]] = []
    opened: list[NDArray[np.bool_] | None] = []
    for layer in reversed(range(layers)):
        if layer >= first:
            teaching = np.flatnonzero(taught[layer - first])
            desired = frames[layer - first][y[teaching]]
        z, gamma = sums[layer][teaching], settings.gamma[layer]
        rows.insert(0, _winner_rows(len(x), teaching, z, desired, gamma))
        if layer not in gated:
            opened.insert(0, None)
            continue
        gate = settings.G[layer]
        through = np.zeros(sums[layer].shape, np.bool_)
        through[teaching] = np.abs(z) <= np.float32(gate)
        opened.insert(0, through)
        desired = desired_below(desired, z, planes[layer], activations[layer][teaching], gate, settings.learning.tie)
    drawn = [_events(model, state, layer, len(x)) for layer in range(layers)]
    return Activity(
        np.stack(taught, axis=1) if settings.local else taught[0],
        tuple(rows),
        tuple(opened),
        events=tuple(np.bincount(events.samples, minlength=len(x)).astype(np.int64) for events in drawn),
        places=tuple(np.stack([events.rows, events.columns], axis=1).astype(np.int64) for events in drawn),
    )


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
