"""The cycle model equals simulation, cycle for cycle."""

from dataclasses import replace

import numpy as np
import pytest

from bephw.golden.initial import initial_state
from bephw.plan.activity import assumed
from bephw.plan.cycles import predict
from bephw.plan.groups import GroupsModel
from bephw.plan.measuring import measure
from bephw.settings import Settings


def build(sizes, classes, *, rows, columns, gamma, **others):
    """Small settings, of a recurrent network where there are `steps`; other `others` are `learning` fields, or of
    `hardware` where it has one of that name."""
    hardware = {
        name: others.pop(name)
        for name in (
            *("update_columns", "stream_width", "slots", "samples"),
            *("renewal", "counter_memory", "wire_registers"),
        )
        if name in others
    }
    steps = others.pop("steps", None)
    return Settings.build(
        network={"sizes": sizes, "classes": classes},
        learning={"gamma": gamma, "algorithm": "bep-tt" if steps else "bep", **others},
        data={"steps": steps},
        hardware={"rows": rows, "columns": columns, **hardware},
    )


CASES = {
    "one layer": build((29, 6), 5, rows=(1, 3), columns=(2, 3), gamma=3, batch=3, rates=30_000, stream_width=4, r=0.6),
    "many events, words in conflict": build(
        (8, 4),
        3,
        rows=(3, 2),
        columns=(4, 1),
        update_columns=4,
        gamma=2,
        batch=20,
        rates=786_432,
        stream_width=6,
        r=1.0,
    ),
    "winners wait in the queue": build(
        (21, 20, 15),
        5,
        rows=(8, 11, 1),
        columns=(6, 4, 6),
        update_columns=(6, 1),
        gamma=(20, 1),
        batch=3,
        rates=(30_000, 0),
        stream_width=13,
        nu=1.0,
        r=1.2,
    ),
    "few slots, logits set the pace": build(
        (18, 12), 6, rows=(3, 6), columns=(6, 12), gamma=12, batch=7, rates=0, stream_width=9, slots=2, r=0.6
    ),
    "three layers": build(
        (10, 20, 8, 4),
        6,
        rows=(16, 6, 3, 1),
        columns=(5, 16, 4, 4),
        gamma=(5, 2, 4),
        batch=20,
        rates=(0, 200_000, 100_000),
        nu=0.5,
        r=0.6,
    ),
    "single port": build(
        (25, 12, 15),
        6,
        rows=(2, 4, 5),
        columns=(8, 6, 4),
        update_columns=(2, 6),
        gamma=(3, 5),
        batch=5,
        rates=(100_000, 20_000),
        counter_memory="spram",
        r=0.6,
    ),
    "sweeps": build(
        (25, 9, 15), 6, rows=(2, 6, 5), columns=(4, 9, 4), gamma=(3, 5), batch=5, rates=30_000, renewal="sweep", r=0.6
    ),
    "sweeps in column steps": build(
        (40, 9, 15),
        6,
        rows=(3, 5, 3),
        columns=(8, 3, 5),
        update_columns=(2, 1),
        gamma=(3, 5),
        batch=10,
        burst=8,
        rates=(30_000, 90_000),
        stream_width=4,
        renewal="sweep",
        r=0.6,
    ),
    "sweeps that batches wait for": build(
        (40, 18, 12),
        6,
        rows=(9, 6, 3),
        columns=(20, 9, 4),
        update_columns=(2, 3),
        gamma=(3, 4),
        batch=4,
        rates=(30_000, 9_000),
        stream_width=20,
        renewal="sweep",
        r=0.6,
    ),
    "long wires": build(
        (25, 9, 12), 6, rows=(2, 6, 5), columns=(4, 3, 4), gamma=3, batch=5, rates=9_000, nu=0.5, wire_registers=2
    ),
    "a cell": build(
        (10, 6, 6), 3, rows=(2, 2, 1), columns=(4, 3, 2), gamma=3, batch=5, rates=30_000, stream_width=4, r=0.6, steps=4
    ),
    "a cell with a lag": build(
        (9, 6, 6), 3, rows=(2, 2, 1), columns=(4, 3, 2), gamma=3, batch=5, rates=30_000, lag=1, r=0.6, steps=3
    ),
    "a cell of two samples with a lag": build(
        (9, 6, 6),
        3,
        rows=(2, 2, 1),
        columns=(4, 3, 2),
        samples=2,
        slots=4,
        gamma=3,
        batch=3,
        rates=30_000,
        lag=1,
        burst=2,
        r=0.6,
        steps=3,
    ),
    "a cell with a single port, swept": build(
        (12, 12, 4),
        3,
        rows=(4, 2, 1),
        columns=(6, 3, 2),
        gamma=(4, 2),
        batch=7,
        burst=4,
        rates=90_000,
        stream_width=6,
        counter_memory="spram",
        renewal="sweep",
        wire_registers=1,
        r=0.6,
        steps=3,
    ),
    "a cell whose samples take turns": build(
        (7, 5, 4, 4),
        3,
        rows=(5, 2, 1, 1),
        columns=(12, 5, 2, 2),
        gamma=1,
        batch=20,
        rates=0,
        stream_width=7,
        slots=5,
        r=1.0,
        steps=6,
    ),
    "a cell that takes one step": build(
        (7, 6, 4), 3, rows=(2, 2, 1), columns=(4, 5, 2), gamma=2, batch=6, rates=30_000, slots=2, r=0.8, steps=1
    ),
    "a cell that waits for inputs": build(
        (20, 6, 4), 3, rows=(6, 2, 1), columns=(13, 5, 2), gamma=2, batch=6, rates=30_000, stream_width=1, r=0, steps=5
    ),
    "a cell of two samples together": build(
        (7, 6, 4),
        3,
        rows=(3, 2, 1),
        columns=(7, 3, 2),
        gamma=2,
        batch=5,
        rates=30_000,
        stream_width=7,
        samples=2,
        slots=6,
        r=0.8,
        steps=3,
    ),
    "a cell of four samples, then two, then one": build(
        (6, 8, 6, 4),
        3,
        rows=(4, 2, 2, 1),
        columns=(14, 4, 5, 3),
        gamma=(4, 3, 2),
        batch=12,
        rates=90_000,
        stream_width=6,
        samples=(4, 2, 1),
        slots=16,
        r=0.6,
        steps=4,
    ),
    "a cell of three samples, no slots to spare, swept": build(
        (9, 6, 4),
        3,
        rows=(2, 3, 1),
        columns=(5, 3, 2),
        update_columns=(1, 3),
        gamma=(3, 2),
        batch=7,
        burst=2,
        rates=(300_000, 30_000),
        stream_width=2,
        samples=3,
        slots=3,
        counter_memory="spram",
        renewal="sweep",
        wire_registers=1,
        r=1.0,
        steps=4,
    ),
    "a cell of one sample, then four together": build(
        (6, 6, 4), 3, rows=(6, 1, 1), columns=(12, 2, 2), gamma=2, batch=12, rates=0, samples=(1, 4), r=0.8, steps=3
    ),
    "the local rule": build(
        (25, 12, 6),
        5,
        rows=(3, 2, 2),
        columns=(4, 3, 2),
        gamma=3,
        batch=6,
        rates=(30_000, 90_000),
        slots=3,
        algorithm="lbes",
        r=0.6,
    ),
    "the local rule, the last layer slow": build(
        (6, 4, 9), 3, rows=(4, 1, 1), columns=(6, 2, 3), gamma=1, batch=9, rates=9_000, algorithm="lbes", r=0.2
    ),
    "two samples together": build(
        (13, 9, 6),
        3,
        rows=(2, 4, 1),
        columns=(4, 5, 3),
        gamma=3,
        batch=7,
        rates=(30_000, 90_000),
        stream_width=13,
        samples=2,
        r=0.6,
    ),
    "four samples, then two, then one": build(
        (12, 8, 6, 6),
        3,
        rows=(2, 3, 2, 1),
        columns=(4, 4, 5, 3),
        gamma=2,
        batch=10,
        rates=30_000,
        stream_width=12,
        samples=(4, 2, 1),
        r=0.6,
    ),
    "one sample, then two, then four": build(
        (12, 8, 6, 6),
        3,
        rows=(2, 3, 2, 1),
        columns=(4, 4, 5, 3),
        gamma=2,
        batch=10,
        rates=30_000,
        stream_width=12,
        samples=(1, 2, 4),
        slots=4,
        r=0.6,
    ),
    "three samples, which come one by one": build(
        (20, 9, 6),
        3,
        rows=(3, 4, 1),
        columns=(5, 3, 3),
        gamma=3,
        batch=8,
        burst=4,
        rates=(0, 300_000),
        stream_width=2,
        samples=3,
        slots=12,
        r=0.3,
    ),
    "several logits a cycle": build(
        (12, 8, 7),
        10,
        rows=(4, 4, 5),
        columns=(12, 8, 4),
        gamma=(2, 7),
        batch=12,
        rates=10_000,
        stream_width=12,
        samples=4,
        slots=32,
        r=0.4,
    ),
    "four samples, no slots to spare, and sweeps": build(
        (16, 10, 6),
        4,
        rows=(5, 2, 1),
        columns=(16, 4, 6),
        update_columns=(4, 2),
        gamma=(5, 1),
        batch=9,
        rates=30_000,
        stream_width=16,
        samples=4,
        slots=4,
        renewal="sweep",
        nu=0.6,
        r=1.0,
    ),
    "two samples, a single port, long wires": build(
        (18, 11),
        4,
        rows=(6, 3),
        columns=(7, 4),
        gamma=11,
        batch=5,
        rates=90_000,
        stream_width=18,
        samples=2,
        slots=6,
        counter_memory="spram",
        wire_registers=2,
        algorithm="cp+r",
        r=0.6,
    ),
    "the local rule, four samples, then two": build(
        (12, 8, 6),
        3,
        rows=(2, 2, 1),
        columns=(4, 4, 3),
        gamma=2,
        batch=10,
        rates=30_000,
        stream_width=12,
        samples=(4, 2),
        algorithm="lbes",
        r=0.6,
    ),
    "batches overlap": build(
        (13, 9, 6), 3, rows=(2, 4, 1), columns=(4, 5, 3), gamma=3, batch=5, rates=(30_000, 90_000), lag=1, r=0.6
    ),
    "batches of four samples and of two together overlap": build(
        (12, 8, 6),
        3,
        rows=(2, 3, 1),
        columns=(4, 4, 3),
        gamma=2,
        batch=7,
        rates=30_000,
        stream_width=12,
        samples=(4, 2),
        lag=1,
        r=0.6,
    ),
    "batches of one sample overlap": build(
        (13, 9, 6),
        3,
        rows=(3, 2, 1),
        columns=(4, 5, 3),
        gamma=(3, 1),
        batch=1,
        rates=9_000,
        samples=(1, 4),
        lag=1,
        nu=0.6,
        r=0.3,
    ),
    "batches overlap, and winners wait in the queue": build(
        (21, 20, 15),
        5,
        rows=(8, 11, 1),
        columns=(6, 4, 6),
        update_columns=(3, 1),
        gamma=(2, 1),
        batch=4,
        burst=4,
        rates=(300_000, 90_000),
        stream_width=21,
        lag=1,
        nu=1.0,
        r=1.2,
    ),
    "batches overlap, with a single port": build(
        (18, 11),
        4,
        rows=(6, 3),
        columns=(7, 4),
        gamma=11,
        batch=3,
        rates=90_000,
        stream_width=18,
        samples=3,
        slots=6,
        counter_memory="spram",
        wire_registers=1,
        lag=1,
        algorithm="cp+r",
        r=0.6,
    ),
    "batches of the local rule overlap": build(
        (12, 8, 6),
        3,
        rows=(2, 2, 1),
        columns=(4, 4, 3),
        gamma=2,
        batch=4,
        rates=90_000,
        stream_width=4,
        samples=(1, 2),
        lag=1,
        algorithm="lbes",
        r=0.6,
    ),
}


def _simulated_state(settings):
    """A RAM with a single port cannot be initialised: its zeros are the lowest counters."""
    state, lowest = initial_state(settings), -(1 << (settings.learning.bits - 1))
    counters = [
        np.full_like(layer, lowest) if single else layer
        for layer, single in zip(state.counters, settings.single_ports, strict=True)
    ]
    return replace(state, counters=tuple(counters))


SLOW = (
    *("sweeps in column steps", "sweeps that batches wait for", "long wires"),
    *("a cell that waits for inputs", "winners wait in the queue"),
    *("a cell of four samples, then two, then one", "a cell of three samples, no slots to spare, swept"),
    *("a cell of one sample, then four together", "a cell of two samples with a lag"),
    *("one sample, then two, then four", "three samples, which come one by one"),
    *("four samples, no slots to spare, and sweeps", "two samples together", "a cell of two samples together"),
    "the local rule, four samples, then two",
    *("batches of one sample overlap", "batches overlap, and winners wait in the queue"),
    *("batches overlap, with a single port", "batches of the local rule overlap"),
)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in CASES]
)
def test_model_equals_simulation(name, simulate, random_samples):
    settings = CASES[name]
    # A batch ends among them, but for the longest of series.
    batch = settings.learning.batch
    x, y = random_samples(settings, min(batch + 2, 15) if settings.recurrent else max(batch + 2, 15))
    activity, _ = measure(settings, _simulated_state(settings), x, y)
    model = predict(settings, activity)
    simulated = simulate(settings, x, y)
    assert activity.taught.any()
    assert model.cycles == simulated.pop("cycles")
    assert {part: model.busy[part] for part in simulated} == simulated


@pytest.mark.parametrize(
    "name",
    [
        "two samples together",
        pytest.param("four samples, then two, then one", marks=pytest.mark.slow),
        pytest.param("the local rule, four samples, then two", marks=pytest.mark.slow),
        pytest.param("a cell of four samples, then two, then one", marks=pytest.mark.slow),
        pytest.param("batches of four samples and of two together overlap", marks=pytest.mark.slow),
    ],
)
def test_model_equals_simulation_of_classification(name, simulate, random_samples):
    settings = CASES[name]
    x, y = random_samples(settings, 22)
    activity = assumed(settings, "fresh").activity(settings, len(x)).without_learning()
    model = predict(settings, activity, learn=False)
    simulated = simulate(settings, x, y, learn=False)
    assert model.cycles == simulated.pop("cycles")
    assert {part: model.busy[part] for part in simulated} == simulated


@pytest.mark.parametrize("state", ["fresh", "trained"])
def test_following_groups_of_one(state):
    """Where nobody passes together both ways to follow samples come to the same."""
    for settings in CASES.values():
        if settings.recurrent or settings.learning.lag:
            continue
        alone = settings.replace({"hardware.samples": 1})
        activity = assumed(alone, state).activity(alone, 50)
        groups, cycles = GroupsModel(alone, activity, learn=True), predict(alone, activity)
        assert (groups.cycles, groups.elapsed, groups.busy) == (cycles.cycles, cycles.elapsed, cycles.busy)


def test_classification_only_has_no_batches():
    settings = CASES["three layers"]
    activity = assumed(settings, "fresh").activity(settings, 50)
    learning, not_learning = predict(settings, activity), predict(settings, activity.without_learning(), learn=False)
    assert not_learning.cycles < learning.cycles
    assert not_learning.busy["batch_end"] == 0 < learning.busy["batch_end"]
    assert not_learning.busy["forward_0"] == learning.busy["forward_0"] == 50 * settings.shapes[0].forward_cycles


def test_more_slots_never_cost_time():
    settings = CASES["winners wait in the queue"]
    activity = assumed(settings, "fresh").activity(settings, 60)
    cycles = [predict(settings.replace({"hardware.slots": slots}), activity).cycles for slots in (1, 2, 4, 8, 16)]
    assert cycles == sorted(cycles, reverse=True)
    assert cycles[-1] < cycles[0]
