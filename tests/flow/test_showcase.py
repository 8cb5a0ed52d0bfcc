"""Confusion and samples of a trained network: whole numbers that add up, a deterministic choice, small figures."""

import json
from dataclasses import replace

import numpy as np
import pytest

from bephw.data.columns import Columns
from bephw.data.dataset import Dataset
from bephw.data.features import Features
from bephw.flow.showcase import MOST, showcase
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.settings import Settings


def made(features=16, classes=3, samples=60, names=None, image=None, steps=None, bits=16, **data):
    """Settings, a data set with random features, and a fresh state."""
    random = np.random.default_rng(1)
    recurrent = steps is not None
    settings = Settings.build(
        network={"sizes": [bits, 6, 6] if recurrent else [bits, 6], "classes": classes},
        learning={"algorithm": "bep-tt"} if recurrent else {},
        data=data,
    )
    shape = (samples, steps, features) if recurrent else (samples, features)
    x, y = random.normal(size=shape), random.integers(0, classes, samples)
    coded = random.integers(0, 2, (samples, steps, bits) if recurrent else (samples, bits)).astype(np.uint8)
    source = Features("made", x, y, x, y, image=image, class_names=names)
    return settings, Dataset(coded, y, coded, y, "made", source=source), initial_state(settings)


def test_counts_are_those_of_the_predictions():
    settings, dataset, state = made(names=("ant", "bee", "cow"))
    figures = showcase(settings, dataset, state)
    prediction, _ = GoldenModel(settings, state).predict(dataset.x_test)
    counts = np.array(figures["confusion"]["counts"])
    for true in range(3):
        for predicted in range(3):
            assert counts[true, predicted] == ((dataset.y_test == true) & (prediction == predicted)).sum()
    assert [entry["name"] for entry in figures["confusion"]["classes"]] == ["ant", "bee", "cow"]
    assert sum(entry["right"] for entry in figures["confusion"]["classes"]) == (prediction == dataset.y_test).sum()
    worst = figures["confusion"]["confused"][0]
    off = counts - np.diag(np.diag(counts))
    assert worst["count"] == off.max()


def test_samples_are_the_held_out_ones_with_their_values():
    settings, dataset, state = made()
    examples = showcase(settings, dataset, state)["examples"]
    prediction, logits = GoldenModel(settings, state).predict(dataset.x_test)
    assert examples["right"] + examples["wrong"] == 60
    assert {sample["label"] == sample["prediction"] for sample in examples["samples"]} == {True, False}
    for sample in examples["samples"]:
        at = sample["number"]
        assert (sample["label"], sample["prediction"]) == (str(dataset.y_test[at]), str(prediction[at]))
        np.testing.assert_allclose(sample["values"], dataset.source.x_test[at], rtol=1e-3)
        ordered = np.sort(logits[at])
        wrong = sample["label"] != sample["prediction"]
        assert sample["lead"] == ordered[-1] - (logits[at][dataset.y_test[at]] if wrong else ordered[-2])
    numbers = [sample["number"] for sample in examples["samples"]]
    assert len(numbers) == len(set(numbers)) <= MOST
    right = [sample["label"] == sample["prediction"] for sample in examples["samples"]]
    assert right == sorted(right)


def test_every_kind_of_mistake_before_a_second_of_one():
    settings, dataset, state = made(samples=200)
    figures = showcase(settings, dataset, state)
    kinds = [(s["label"], s["prediction"]) for s in figures["examples"]["samples"] if s["label"] != s["prediction"]]
    different = len(figures["confusion"]["confused"])
    assert len(set(kinds[:different])) == different
    first = figures["confusion"]["confused"][0]
    assert kinds[0] == (first["true"], first["predicted"])


def test_equal_arguments_equal_figures():
    assert json.dumps(showcase(*made())) == json.dumps(showcase(*made()))


@pytest.mark.parametrize(
    ("choices", "kind", "shape"),
    [
        ({"image": (4, 4)}, "image", [4, 4]),
        ({"features": 100 * 100, "image": (100, 100)}, "image", [50, 50]),
        ({"features": 5000, "name": "ucr", "series": "x"}, "series", [1000]),
        ({"features": 2, "steps": 7}, "series", [7, 2]),
        ({"features": 40, "steps": 3}, "series", [3, 12]),
        ({"features": 300}, "features", [60]),
        ({"encoder": {"kind": "none"}}, "bits", [16]),
    ],
)
def test_kinds_and_what_is_too_large(choices, kind, shape):
    figures = showcase(*made(**choices))["examples"]
    assert (figures["kind"], figures["shape"]) == (kind, shape)
    assert all(len(sample["values"]) == np.prod(shape) for sample in figures["samples"])
    assert len(json.dumps(figures)) < 300_000
    json.dumps(figures, allow_nan=False)


def test_features_of_a_table_have_names():
    settings, dataset, state = made(features=3)
    assert "names" not in showcase(settings, dataset, state)["examples"]
    for named in (True, False):
        columns = Columns.of_numbers(["size", "weight", "age"], named=named)
        source = replace(dataset.source, columns=columns)
        figures = showcase(settings, replace(dataset, source=source), state)["examples"]
        assert figures.get("names") == (["size", "weight", "age"] if named else None)


def test_samples_without_a_source_are_bits():
    settings, dataset, state = made()
    figures = showcase(settings, replace(dataset, source=None), state)["examples"]
    assert (figures["kind"], figures["low"], figures["high"]) == ("bits", 0, 1)


def test_hundreds_of_classes_keep_the_most_frequent_mistakes_only():
    confusion = showcase(*made(classes=500, samples=80))["confusion"]
    assert confusion["counts"] is None
    assert len(confusion["confused"]) <= 50
    assert sum(entry["samples"] for entry in confusion["classes"]) == 80
    assert len(confusion["classes"]) <= 80


def test_nothing_held_out_no_figures():
    settings, dataset, state = made()
    assert showcase(settings, replace(dataset, x_test=dataset.x_test[:0], y_test=dataset.y_test[:0]), state) == {}
