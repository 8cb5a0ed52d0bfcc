"""Where data sets are looked for, and inputs that the settings leave open."""

import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numba.core.event import trigger_event

from bephw.flow import learning
from bephw.golden.model import GoldenModel
from bephw.settings import Settings


def test_the_environment_is_read_here_and_passed_on(monkeypatch):
    asked = {}

    def load(part, **options):
        asked.update(options)
        return SimpleNamespace(inputs=64, classes=10)

    monkeypatch.setattr(learning, "load", load)
    monkeypatch.setenv("BEPHW_DATA", "/data")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    learning.prepare(Settings.build(network={"sizes": [64, 6], "classes": 10}))
    expected = {"classes": 10, "inputs": 64, "recurrent": False, "folder": Path("/data"), "cache": Path("/cache/bephw")}
    assert asked == expected


def test_open_inputs_become_the_bits_of_a_sample():
    settings, dataset = learning.prepare(
        Settings.build(network={"sizes": [0, 6], "classes": 10}, data={"encoder": {"min_share": 0.0}})
    )
    assert settings.network.sizes[0] == dataset.inputs == dataset.x_train.shape[1] < 64
    settings.with_folding(columns=64)


def test_the_speed_is_that_of_learning_alone(monkeypatch):
    """Neither compiling, nor tests, nor anything between the epochs; the median epoch counts."""
    settings, dataset = learning.prepare(
        Settings.build(network={"sizes": [64, 6], "classes": 10}, learning={"batch": 20, "epochs": 3})
    )
    warm_up = GoldenModel.warm_up

    def compiles(self, x):
        warm_up(self, x)
        with trigger_event("numba:compile"):
            time.sleep(0.2)

    monkeypatch.setattr(GoldenModel, "warm_up", compiles)
    _, figures = learning.learn(settings, dataset)
    seconds = sorted(epoch["learning_seconds"] for epoch in figures["epochs"])
    assert figures["samples_per_second"] == len(dataset.y_train) / seconds[1]
    assert 0.2 <= figures["compilation_seconds"] < figures["seconds"]
    assert all(epoch["learning_seconds"] > 0 for epoch in figures["epochs"])
    monkeypatch.undo()
    assert learning.learn(settings, dataset)[1]["compilation_seconds"] == 0


def test_a_resumed_training_with_nothing_to_do_has_no_speed(tmp_path):
    settings, dataset = learning.prepare(
        Settings.build(network={"sizes": [64, 6], "classes": 10}, learning={"epochs": 1})
    )
    learning.learn(settings, dataset, checkpoint=tmp_path / "c.npz")
    _, figures = learning.learn(settings, dataset, checkpoint=tmp_path / "c.npz", resume=True)
    assert figures["samples_per_second"] is None


def test_open_classes_become_as_many_as_the_data_have():
    settings, dataset = learning.prepare(
        Settings.build(network={"sizes": [0, 6], "classes": 0}, data={"name": "sklearn", "series": "wine"})
    )
    assert (settings.network.classes, dataset.classes, settings.open) == (3, 3, False)
    assert settings.classifier_shape.outputs == 3


@pytest.fixture
def table(tmp_path):
    rows = [f"{i % 5},{'ab'[i % 2]},7,{('no', 'yes', 'yes')[i % 3]}" for i in range(30)] + [",,7,no"]
    (tmp_path / "t.csv").write_text("\n".join(["n,w,c,y", *rows]))
    return str(tmp_path / "t.csv")


def test_what_a_data_set_holds(table):
    data = {"name": "csv", "path": table, "missing": "median", "validation_fraction": 0.2, "test_fraction": 0.3}
    _, dataset = learning.prepare(Settings.build(network={"sizes": [0, 6], "classes": 3}, data=data))
    found = learning.describe_data(dataset)
    labels = {"train": dataset.y_train, "test": dataset.y_test}
    assert found == {
        "name": table,
        "inputs": dataset.x_train.shape[1],
        "train_samples": 18,
        "test_samples": 9,
        "validation_samples": 4,
        "features": 3,
        "steps": None,
        "constant_features": 1,
        "missing": 2,
        "classes": [
            {"name": name, **{part: int((y == label).sum()) for part, y in labels.items()}}
            for label, name in enumerate(["no", "yes", "2"])
        ],
    }


def test_steps_are_described(tmp_path):
    x = np.random.default_rng(0).integers(0, 2, (8, 5, 3))
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(8) % 2)
    settings = Settings.build(
        network={"sizes": [3, 4, 4], "classes": 2},
        learning={"algorithm": "bep-tt"},
        data={"name": "npz", "path": str(tmp_path / "x.npz"), "encoder": {"kind": "none"}, "test_fraction": 0.25},
    )
    found = learning.describe_data(learning.prepare(settings)[1])
    assert (found["features"], found["steps"], found["train_samples"]) == (3, 5, 6)
