"""Warnings about labels and features: there where something is odd, and nowhere else."""

import dataclasses

import numpy as np
import pytest

from bephw.data import Dataset, load
from bephw.data.doubts import feature_doubts, label_doubts
from bephw.data.features import Features
from bephw.settings import Data, Encoder


def dataset(train, test, names=None):
    train, test = np.array(train), np.array(test)
    x_train, x_test = np.zeros((len(train), 2), np.uint8), np.zeros((len(test), 2), np.uint8)
    source = Features("mine", x_train, train, x_test, test, class_names=names)
    return Dataset(x_train, train, x_test, test, "mine", source=source)


def test_nothing_odd():
    assert label_doubts(dataset([0, 1, 2], [2, 1]), 3) == []
    digits = load(Data(), classes=10)
    assert label_doubts(digits, 10) + feature_doubts(digits, Encoder(kind="thermometer", levels=16)) == []


@pytest.mark.parametrize(
    ("train", "test", "classes", "lines"),
    [
        (
            [1, 1, 1],
            [0, 1],
            2,
            [
                "all 3 training samples are of class b: there is nothing to tell it from",
                "class a has no training sample, but 1 held-out sample, which can only be right by chance",
            ],
        ),
        ([0, 1], [0, 0], 2, ["all 2 held-out samples are of class a: their accuracy says little"]),
        (
            [0, 1],
            [2, 3, 3, 1],
            4,
            ["classes c, 3 have no training sample, but 3 held-out samples, which can only be right by chance"],
        ),
        ([0, 1], [0, 1], 3, ["network.classes = 3, but there is no training sample of class c"]),
        (
            [0, 1],
            [0, 1],
            12,
            ["network.classes = 12, but there is no training sample of classes c, 3, 4, 5, 6 and 5 more"],
        ),
    ],
)
def test_odd_labels(train, test, classes, lines):
    found = label_doubts(dataset(train, test, ("a", "b", "c")), classes)
    assert found == [f"mine: {line}" for line in lines]


def test_labels_without_names():
    assert "of class 1:" in label_doubts(dataset([1, 1], [0, 1]), 2)[0]


def test_more_levels_than_values():
    digits = load(Data(), classes=10)  # Pixels of 0 to 16.
    for levels, many in ((16, False), (17, True), (255, True)):
        encoder = Encoder(kind="thermometer", levels=levels)
        assert bool(feature_doubts(digits, encoder)) == many
    assert feature_doubts(digits, encoder) == [
        "data.encoder.levels = 255, but no feature of digits has more than 17 values: "
        "16 bits a feature can tell them apart, the others repeat these"
    ]
    assert feature_doubts(digits, Encoder(kind="median", levels=255)) == []
    assert feature_doubts(dataclasses.replace(digits, source=None), encoder) == []


def test_values_of_series_are_one_feature():
    x = np.arange(12.0).reshape(2, 6)
    bits, y = np.zeros((2, 3, 2), np.uint8), np.array([0, 1])
    for features, many in ((x, False), (x.reshape(2, 3, 2), False), (x.reshape(2, 3, 2) % 2, True)):
        series = Dataset(bits, y, bits, y, "series", source=Features("series", features, y, features, y))
        assert bool(feature_doubts(series, Encoder(kind="thermometer", levels=4))) == many
