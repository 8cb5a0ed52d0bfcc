"""scikit-learn's own data sets by name."""

import numpy as np
import pytest
from sklearn import datasets

from bephw.data import load
from bephw.data.sklearn_sets import SETS
from bephw.errors import BephwError
from bephw.settings import Data


@pytest.mark.parametrize("name", SETS)
def test_every_set(name):
    bunch = getattr(datasets, f"load_{name}")()
    dataset = load(Data(name="sklearn", series=name, seed=3))
    assert dataset.classes == len(bunch.target_names)
    assert dataset.class_names == tuple(map(str, bunch.target_names))
    x = np.concatenate([dataset.source.x_train, dataset.source.x_test])
    np.testing.assert_array_equal(np.sort(x, axis=0), np.sort(bunch.data, axis=0))
    assert list(dataset.source.columns.features) == list(map(str, bunch.feature_names))
    assert len(dataset.y_test) == pytest.approx(len(bunch.target) / 5, abs=len(bunch.target_names))


def test_the_digits_are_images():
    assert load(Data(name="sklearn", series="digits", shift=1)).shifts is not None


@pytest.mark.parametrize("series", ["diabetes", "fetch_covtype", "covtype", "nonsense", ""])
def test_other_names(series):
    with pytest.raises(BephwError, match=r"^data\.series must be .* \(breast_cancer, digits, iris, wine\), not '"):
        load(Data(name="sklearn", series=series))


def test_the_name_is_required():
    with pytest.raises(BephwError, match=r"^data\.series: required when data\.name is sklearn: breast_cancer, digits"):
        load(Data(name="sklearn"))
