"""Statistics of the synthetic data set."""

import numpy as np
import pytest

from bephw.data import load
from bephw.data.random_prototypes import FLIP_PROBABILITY, random_prototypes
from bephw.errors import BephwError
from bephw.settings import Data

SETTINGS = Data(name="random_prototypes", encoder={"kind": "none"})


def test_sizes_and_flip_rate():
    dataset = load(SETTINGS, classes=10, inputs=1000)
    assert dataset.x_train.shape == (10_000, 1000)
    assert dataset.x_test.shape == (2_000, 1000)
    means = np.array([dataset.x_train[dataset.y_train == label].mean(axis=0) for label in range(10)])
    prototypes = (means > 0.5).astype(np.uint8)
    flips = dataset.x_train != prototypes[dataset.y_train]
    assert abs(flips.mean() - FLIP_PROBABILITY) < 0.002


def test_seed_decides():
    first, again, other = (
        random_prototypes(SETTINGS.model_copy(update={"seed": seed}), classes=3, inputs=20).x_test for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_bits_need_no_encoder():
    with pytest.raises(BephwError, match=r"^data.encoder.kind must be none for random_prototypes, .* not median$"):
        load(Data(name="random_prototypes"), classes=10)


def test_folds_and_validation_samples():
    data = Data(name="random_prototypes", encoder={"kind": "none"}, folds=4, validation_fraction=0.1)
    dataset = load(data, classes=3, inputs=20)
    assert [len(y) for y in (dataset.y_train, dataset.y_validation, dataset.y_test)] == [8100, 900, 3000]
    assert dataset.x_validation.shape == (900, 20)


def test_words_as_steps():
    data = Data(name="random_prototypes", encoder={"kind": "none"}, window=300)
    assert load(data, classes=3, inputs=300, recurrent=True).x_test.shape == (2_000, 4, 300)
