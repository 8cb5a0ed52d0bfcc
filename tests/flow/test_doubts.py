"""Warnings about settings: there where they change nothing or cannot be meant, and nowhere else."""

from pathlib import Path

import numpy as np
import pytest

from bephw.flow.cosimulation import cosimulate
from bephw.flow.doubts import data_setting_doubts, hardware_doubts, learning_doubts, simulation_doubts, training_doubts
from bephw.flow.learning import learn, prepare
from bephw.settings import Settings

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))


ALWAYS = "every sample always teaches"
FREEZES = "reinforces every weight in every batch: counters run to their ends and hardly change"


def settings(sizes=(8, 6, 4), **parts):
    return Settings.build(network={"sizes": list(sizes), "classes": 2}, **parts)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_meant(path):
    found = Settings.from_toml(path).with_inputs(1_000)
    assert data_setting_doubts(found) + hardware_doubts(found, 1_000) == []
    assert learning_doubts(found, 1_000, found.learning.epochs) == []


@pytest.mark.parametrize(
    ("learning", "line"),
    [
        (
            {"batch": 101},
            "learning.batch = 101 is more than the 100 training samples: a batch ends with its epoch at the latest",
        ),
        ({"gamma_patience": 10}, "learning.gamma_patience = 10 has no effect: gamma cannot grow in 10 epochs"),
        (
            {"gamma_patience": 2, "gamma": [6, 4]},
            "learning.gamma_patience = 2 has no effect: gamma is that of a whole layer already",
        ),
        ({"average": 11}, "learning.average = 11 is more than the 10 epochs: the same as 10"),
        ({"R": -8}, "learning.R = -8: no sample ever teaches (its margin is -8 or more)"),
        ({"R": 9}, "learning.R = 9: every sample always teaches (its margin is 8 or less)"),
        ({"algorithm": "lbes", "R": [13, 0]}, f"learning.R[0] = 13: {ALWAYS} (its margin is 12 or less)"),
        ({"p_r": 1e-9}, "learning.p_r = 1e-09 has no effect: every layer's rate is below 2^-16 events a sample"),
        ({"p_r": 100.0}, f"learning.p_r = 100.0 {FREEZES}"),
        ({"p_r": 100.0, "burst": 16}, f"learning.p_r = 100.0 {FREEZES}"),
        ({"rates": 2**32 - 1}, f"learning.rates {FREEZES}"),
        ({"sigma": 1000.0}, "learning.sigma = 1000: nearly all counters of 8 bits begin at their ends (8 is usual)"),
        ({"sigma": 0.1}, "learning.sigma = 0.1: nearly all counters begin at 0 or -1 (8 is usual)"),
    ],
)
def test_hyperparameters(learning, line):
    assert learning_doubts(settings(learning=learning), 100, 10) == [line]


@pytest.mark.parametrize(
    "learning",
    [
        {"batch": 100},
        {"gamma_patience": 9},
        {"average": 10},
        {"R": -7},
        {"R": 8},
        {"algorithm": "lbes", "R": [12, 8]},
        {"p_r": 0.0},
        {"p_r": 2.0},
        {"rates": 0},
        {"sigma": 0.2},
        {"sigma": 512.0},
        {"nu": 0.0},
        {"algorithm": "ste"},
        {"algorithm": "ste", "R": 10_000},
    ],
)
def test_hyperparameters_at_the_edge_are_meant(learning):
    assert learning_doubts(settings(learning=learning), 100, 10) == []


@pytest.mark.parametrize(
    ("baseline", "lines"),
    [
        ({"noise": False}, ["baseline.noise has no effect with baseline.estimator = scaled"]),
        ({"estimator": "fda", "mu": [2, 3]}, ["baseline.mu has no effect with baseline.estimator = fda"]),
        ({"estimator": "fda", "noise": False}, []),
        ({"estimator": "bnn++", "mu": [2, 3]}, []),
    ],
)
def test_keys_of_another_estimator(baseline, lines):
    assert learning_doubts(settings(learning={"algorithm": "ste"}, baseline=baseline), 1_000, 10) == lines


def test_a_gate_that_opens_nothing():
    """|z| is odd with an odd number of inputs; the first layer of a perceptron has no gate."""
    line = (
        "learning.G[1] = 0 opens nothing: |z| of a layer with 5 inputs is at least 1; what lies below it learns nothing"
    )
    assert learning_doubts(settings((7, 5, 4), learning={"G": 0}), 100, 10) == [line]
    assert learning_doubts(settings((7, 6, 4), learning={"nu": 0.1}), 100, 10) == []
    cell = {"algorithm": "bep-tt", "G": 0}
    found = learning_doubts(settings((7, 6, 4), learning=cell, data={"window": 7}), 100, 10)
    assert [line.split(" = ")[0] for line in found] == ["learning.G[0]"]


def test_a_gate_that_opens_nothing_lets_nothing_be_learnt_below():
    from bephw.golden.initial import initial_state
    from bephw.golden.model import GoldenModel

    closed = settings((7, 5, 4), learning={"G": 0, "p_r": 0.0, "R": 9})
    model = GoldenModel(closed, initial_state(closed))
    random = np.random.default_rng(0)
    before = model.state.counters
    model.train(random.integers(0, 2, (200, 7), np.uint8), random.integers(0, 2, 200))
    np.testing.assert_array_equal(model.state.counters[0], before[0])
    assert (model.state.counters[1] != before[1]).any()


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"path": "x.npz"}, "data.path = x.npz has no effect with data.name = digits"),
        ({"series": "Coffee"}, "data.series = Coffee has no effect with data.name = digits"),
        ({"name": "mnist", "test_fraction": 0.5}, "data.test_fraction = 0.5 has no effect with data.name = mnist"),
        ({"encoder": {"levels": 9}}, "data.encoder.levels = 9 has no effect with data.encoder.kind = median"),
        ({"encoder": {"threshold": 0.1}}, "data.encoder.threshold = 0.1 has no effect with data.encoder.kind = median"),
    ],
)
def test_settings_that_the_data_do_not_take(data, line):
    assert data_setting_doubts(settings(data=data)) == [line]


def test_settings_that_the_data_take():
    for data in (
        {"test_fraction": 0.5},
        {"name": "npz", "path": "x.npz", "encoder": {"kind": "thermometer", "levels": 9, "spacing": "uniform"}},
    ):
        assert data_setting_doubts(settings(data=data)) == []


def test_hardware():
    wide = settings(hardware={"stream_width": 9, "slots": 9})
    assert hardware_doubts(wide) == ["hardware.stream_width = 9 is more than the 8 bits of a sample"]
    cell = settings((8, 6, 4), learning={"algorithm": "bep-tt"}, hardware={"stream_width": 9}, data={"steps": 3})
    assert hardware_doubts(cell) == ["hardware.stream_width = 9 is more than the 8 bits of a step"]
    assert hardware_doubts(wide, 8)[1] == "hardware.slots = 9 is more than the 8 training samples"
    assert hardware_doubts(settings(hardware={"stream_width": 8, "slots": 8}), 8) == []


def test_figures_have_them_and_callers_hear_of_them_first():
    odd, dataset = prepare(
        Settings.build(network={"sizes": [0, 6], "classes": 11}, learning={"epochs": 1, "average": 3})
    )
    told = []
    _, figures = learn(odd, dataset, on_warnings=told.extend)
    assert figures["warnings"] == told == training_doubts(odd, dataset, 1)
    assert [line.split(" = ")[0] for line in told] == ["digits: network.classes", "learning.average"]
    many = simulation_doubts(odd, dataset, epochs=1, samples=10_000, held_out=360)
    assert many[len(told) :] == [
        "10000 training samples were asked for, digits has 1438",
        "360 held-out samples were asked for, digits has 359",
    ]


def test_simulation_tells_before_it_begins(monkeypatch):
    class Stop(Exception):
        pass

    def stop(lines):
        raise Stop(lines)

    found, dataset = prepare(Settings.build(network={"sizes": [64, 6], "classes": 11}))
    with pytest.raises(Stop, match=r"network\.classes = 11"):
        cosimulate(found, dataset, epochs=1, on_warnings=stop)
