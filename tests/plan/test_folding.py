"""Foldings keep the interval that they are made for."""

import pytest

from bephw.errors import BephwError
from bephw.plan.activity import assumed
from bephw.plan.cycles import predict
from bephw.plan.folding import arrays, estimator, exact, fold, foldings, needs, slot_choices
from bephw.settings import Settings
from bephw.shape import ceil_div

SETTINGS = Settings.build(network={"sizes": (96, 40, 20), "classes": 10}, learning={"gamma": 10, "batch": 50})


@pytest.mark.parametrize("interval", [1, 7, 40, 333, 5000])
def test_arrays_keep_the_interval(interval):
    outputs, inputs = 10, 63
    found = arrays(outputs, inputs, interval)
    lanes = [rows * columns for rows, columns in found]
    assert lanes == sorted(lanes)
    for rows, columns in found:
        words = ceil_div(inputs, columns)
        assert ceil_div(outputs, rows) * words <= interval or len(found) == 1


def test_no_array_is_cheaper():
    outputs, inputs, interval = 12, 30, 24
    every = [
        rows * columns
        for rows in range(1, outputs + 1)
        for columns in range(1, inputs + 1)
        if ceil_div(outputs, rows) * ceil_div(inputs, columns) <= interval
    ]
    rows, columns = arrays(outputs, inputs, interval)[0]
    assert rows * columns == min(every)


@pytest.mark.parametrize("family", [None, "ecp5", "ice40"])
def test_fold_keeps_every_interval(family):
    sparsity = assumed(SETTINGS, "fresh")
    folded = fold(SETTINGS, [120, 100, 60], sparsity, family=family).apply(SETTINGS)
    found = needs(folded, sparsity)
    assert found["forward_0"] <= 120 and found["forward_1"] <= 100 and found["forward_2"] <= 60
    assert found["counters_0"] <= 120 and found["counters_1"] <= 100
    assert found["stream"] <= 120


@pytest.mark.parametrize("lanes", [3, 40, 200])
def test_foldings_use_the_lanes_well(lanes):
    activities = [assumed(SETTINGS, state).activity(SETTINGS, 100) for state in ("fresh", "trained")]
    folding, cycles = foldings(SETTINGS, lanes, activities)
    assert folding.lanes <= lanes
    assert cycles == pytest.approx(exact(folding, SETTINGS, activities))
    # Three lanes cannot share the work evenly.
    assert SETTINGS.work / (lanes * cycles) > (0.4 if lanes == 3 else 0.6)


@pytest.mark.parametrize("samples", [2, (4, 2)])
def test_several_samples_fold_for_passes_of_all_of_them(samples):
    settings = SETTINGS.replace({"hardware.samples": samples})
    sparsity = assumed(settings, "fresh")
    folded = fold(settings, [60, 50, 40], sparsity, family="ecp5").apply(settings)
    found = needs(folded, sparsity)
    assert 30 < found["forward_0"] <= 60 and 25 < found["forward_1"] <= 50 and found["forward_2"] <= 40
    assert found["credit_1"] <= 50 + 2
    alone = fold(SETTINGS, [60, 50, 40], sparsity, family="ecp5").apply(SETTINGS)
    for several, one in zip(folded.shapes, alone.shapes, strict=True):
        assert several.rows * several.columns < one.rows * one.columns
    assert folded.hardware.slots % 4 == 0


@pytest.mark.parametrize(
    ("together", "slots"),
    [(1, [8, 12, 16, 24]), (2, [16, 24, 32, 48]), (6, [48]), (12, [60]), (16, [64]), (40, [40])],
)
def test_slots_for_so_many_together(together, slots):
    assert slot_choices(together) == slots


@pytest.mark.parametrize(
    "changes",
    [
        {"hardware.samples": 2},
        {"hardware.samples": 4},
        {"learning.lag": 1},
        {"hardware.samples": 2, "learning.lag": 1},
        {"hardware.renewal": "sweep"},
    ],
)
def test_the_quick_estimate_is_near_the_model(changes):
    settings = SETTINGS.replace(changes)
    activities = [assumed(settings, state).activity(settings, 200) for state in ("fresh", "trained")]
    estimate = estimator(settings, activities)
    for interval in (40, 120):
        folding = fold(settings, [interval] * 3, assumed(settings, "fresh"), family="ecp5")
        assert estimate(folding) == pytest.approx(exact(folding, settings, activities), rel=0.15)


@pytest.mark.parametrize("samples", [1, 2, 4])
def test_the_quick_estimate_of_a_cell_is_near_the_model(samples):
    settings = Settings.build(
        network={"sizes": (18, 40, 20), "classes": 3},
        learning={"gamma": (4, 5), "algorithm": "bep-tt", "batch": 40},
        data={"steps": 8},
        hardware={"samples": samples, "slots": 8 * samples},
    )
    activities = [assumed(settings, state).activity(settings, 80) for state in ("fresh", "trained")]
    estimate = estimator(settings, activities)
    for interval in (120, 320, 800):
        folding = fold(settings, [interval] * 3, assumed(settings, "fresh"), family="ecp5")
        assert estimate(folding) == pytest.approx(exact(folding, settings, activities), rel=0.15)


def test_foldings_of_several_samples_count_all_their_lanes():
    settings = SETTINGS.replace({"hardware.samples": (2, 4)})
    activities = [assumed(settings, "fresh").activity(settings, 50)]
    folding, _ = foldings(settings, 300, activities)
    assert 200 < folding.apply(settings).lanes <= 300
    with pytest.raises(BephwError, match="lanes must be at least 7, one for every layer of every sample that passes"):
        foldings(settings, 6, activities)


def test_too_few_lanes():
    activity = assumed(SETTINGS, "fresh").activity(SETTINGS, 10)
    with pytest.raises(BephwError, match="lanes must be at least 3, one for every layer and classifier, not 2"):
        foldings(SETTINGS, 2, [activity])


def test_needs_are_what_the_model_counts():
    settings = fold(SETTINGS, [150, 150, 150], assumed(SETTINGS, "fresh")).apply(SETTINGS)
    activity = assumed(settings, "trained").activity(settings, 400)
    found, cycles = needs(settings, activity.summary()), predict(settings, activity)
    for part in ("stream", "forward_0", "forward_1", "lessons", "winner_0"):
        assert found[part] == pytest.approx(cycles.busy[part] / 400, rel=0.02, abs=1)
    for layer in range(2):
        counted = cycles.busy[f"update_{layer}"] + cycles.busy[f"reinforce_{layer}"]
        assert found[f"counters_{layer}"] == pytest.approx(counted / 400, rel=0.15, abs=1)
