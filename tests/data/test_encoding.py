"""Thresholds against hand-computed ones, and the uses that must be refused."""

import numpy as np
import pytest

from bephw.data import fit_encoding
from bephw.errors import BephwError
from bephw.settings import Encoder

X = np.array([[0, 10], [4, 10], [8, 30], [16, 50]], np.float64)


def test_thermometer_cuts_each_range_into_equal_parts():
    encoding = fit_encoding(Encoder(kind="thermometer", levels=3), X)
    assert encoding.thresholds.tolist() == [[4, 8, 12], [20, 30, 40]]
    assert encoding.bits == 6
    assert encoding.transform(X).tolist() == [
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [1, 0, 0, 1, 0, 0],
        [1, 1, 1, 1, 1, 1],
    ]


def test_median_is_one_bit_a_feature_above_the_median():
    encoding = fit_encoding(Encoder(kind="median"), X)
    assert encoding.thresholds.tolist() == [[6], [20]]
    assert encoding.transform(X).tolist() == [[0, 0], [0, 0], [1, 1], [1, 1]]


def test_none_passes_bits_and_refuses_anything_else():
    encoding = fit_encoding(Encoder(kind="none"), np.eye(3))
    assert encoding.transform(np.eye(3)).tolist() == np.eye(3).tolist()
    with pytest.raises(BephwError, match=r"^x: must hold bits \(0 or 1\)$"):
        encoding.transform(np.full((1, 3), 0.5))


def test_thermometer_codes_are_monotonous():
    x = np.random.default_rng(0).normal(size=(200, 7))
    bits = fit_encoding(Encoder(kind="thermometer", levels=5), x).transform(x).reshape(200, 7, 5)
    assert (np.diff(bits.astype(int), axis=2) <= 0).all()
    order = np.argsort(x[:, 0])
    assert (np.diff(bits[order, 0].sum(axis=1, dtype=int)) >= 0).all()


def test_a_constant_feature_gives_zeros():
    x = np.full((3, 1), 7)
    assert not fit_encoding(Encoder(kind="thermometer"), x).transform(x).any()


def test_output_is_bytes_of_zero_and_one():
    bits = fit_encoding(Encoder(kind="median"), X).transform(X)
    assert bits.dtype == np.uint8
    assert set(np.unique(bits)) == {0, 1}


def test_other_features_than_fitted_on_are_refused():
    with pytest.raises(BephwError, match=r"^test images: the encoder was fitted on 2 features, not 3$"):
        fit_encoding(Encoder(), X).transform(np.zeros((4, 3)), "test images")


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros(3), r"^x: must have two dimensions \(samples, features\), not shape \(3,\)$"),
        (np.zeros((2, 2, 2)), r"^x: must have two dimensions"),
        (np.array([["a"]]), r"^x: must hold numbers, not <U1$"),
        (np.array([[np.nan]]), r"^x: must be finite, but holds NaN or infinity$"),
        (np.zeros((0, 3)), r"^x: an encoder needs at least one training sample$"),
    ],
)
def test_bad_features_are_refused(x, message):
    with pytest.raises(BephwError, match=message):
        fit_encoding(Encoder(), x)
