"""The demo's data set."""

import numpy as np

from bephw.data import load
from bephw.settings import Data

SETTINGS = Data(name="digits", encoder={"kind": "thermometer", "levels": 3})


def test_shapes_and_types():
    dataset = load(SETTINGS, classes=10, inputs=192)
    assert dataset.name == "digits"
    assert dataset.x_train.shape[1] == dataset.x_test.shape[1] == dataset.inputs == 192
    assert len(dataset.x_train) + len(dataset.x_test) == 1797
    assert dataset.x_train.dtype == np.uint8
    assert dataset.y_train.dtype == np.int64
    assert abs(len(dataset.y_test) / 1797 - SETTINGS.test_fraction) < 0.01


def test_same_seed_same_bits():
    first, again = (load(SETTINGS, classes=10) for _ in range(2))
    np.testing.assert_array_equal(first.x_test, again.x_test)
    other = load(SETTINGS.model_copy(update={"seed": 1}), classes=10)
    assert not np.array_equal(first.y_test, other.y_test)
