"""Other learners on the same split: what each sees, what is missing, and that they learn at all."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from bephw.data.dataset import Dataset
from bephw.data.features import Features
from bephw.flow import references as module
from bephw.flow.references import references
from bephw.settings import Settings

LEARNABLE = Settings.build(
    network={"sizes": [8, 6], "classes": 2}, learning={"epochs": 2, "batch": 10, "gamma": 3, "R": 2, "average": 2}
)


def dataset(settings=LEARNABLE, classes=2):
    """Features of which the first tells the class, and bits that say only a part of it."""
    random = np.random.default_rng(1)
    y = random.integers(0, classes, 200)
    x = random.normal(size=(200, 5))
    x[:, 0] += 8 * y
    bits = random.integers(0, 2, (200, settings.network.sizes[0])).astype(np.uint8)
    bits[:, 0] = np.where(random.random(200) < 0.9, y, 1 - y)
    source = Features("made", x[:150], y[:150], x[150:], y[150:])
    return Dataset(bits[:150], y[:150], bits[150:], y[150:], "made", source=source)


def test_each_sees_what_it_says():
    pytest.importorskip("sklearn")
    told = []
    found = references(LEARNABLE, dataset(), on_start=told.append)
    features, bits, *others = found["references"]
    assert (features["name"], features["sees"]) == ("logistic regression", "5 features, not encoded")
    assert (bits["name"], bits["sees"]) == ("logistic regression", "the same 8 bits")
    assert features["test_accuracy"] > 0.98
    assert 0.8 < bits["test_accuracy"] < 0.98
    assert features["converged"]
    assert features["seconds"] > 0
    if importlib.util.find_spec("torch"):
        (pytorch,) = others
        assert pytorch["sees"] == "the same 8 bits"
        assert [epoch["epoch"] for epoch in pytorch["epochs"]] == [1, 2]
        assert pytorch["test_accuracy"] == pytorch["epochs"][-1]["test_accuracy"]
    assert len(told) == len(found["references"])


def test_what_is_not_installed_is_said(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    found = references(LEARNABLE, dataset())
    assert found["references"] == []
    assert found["references_absent"] == [
        "logistic regression: scikit-learn is not installed (pip install 'bephw[data]')",
        "PyTorch, straight-through estimator: not installed (pip install 'bephw[baselines]')",
    ]


def test_bits_by_nature_are_seen_once():
    pytest.importorskip("sklearn")
    settings = LEARNABLE.replace({"data.encoder.kind": "none", "learning.algorithm": "ste", "learning.average": None})
    found = references(settings, dataset())
    assert [item["sees"] for item in found["references"]] == ["the same 8 bits"]
    assert found["references_absent"] == []


def test_one_class_only():
    made = dataset()
    found = references(LEARNABLE, replace(made, y_train=np.zeros_like(made.y_train)))
    assert not any(item["name"] == "logistic regression" for item in found["references"])
    assert "logistic regression: training samples of two classes are needed" in found["references_absent"]


def test_what_the_baseline_cannot_do_is_a_line(monkeypatch):
    pytest.importorskip("torch")
    settings = LEARNABLE.replace({"baseline.batch_norm": True, "learning.batch": 1})
    absent = references(settings, dataset())["references_absent"]
    assert absent == ["PyTorch, straight-through estimator: learning.batch: must be 2 or more samples with "
                      "baseline.batch_norm, not 1"]  # fmt: skip


def test_the_local_rule_has_margins_that_the_baseline_has_not():
    pytest.importorskip("torch")
    settings = Settings.build(
        network={"sizes": [8, 6, 6], "classes": 2},
        learning={"algorithm": "lbes", "R": [1, 2], "epochs": 1, "batch": 10},
    )
    assert references(settings, dataset(settings))["references_absent"] == []


def test_as_many_epochs_as_the_network_beside_it():
    pytest.importorskip("torch")
    *_, pytorch = references(LEARNABLE, dataset(), epochs=1)["references"]
    assert [epoch["epoch"] for epoch in pytorch["epochs"]] == [1]


def test_nothing_held_out():
    made = dataset()
    found = references(LEARNABLE, replace(made, x_test=made.x_test[:0], y_test=made.y_test[:0]))
    assert found == {"references": [], "references_absent": ["no held-out samples to compare on"]}
