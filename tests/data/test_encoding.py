"""Fitted encoders: uses that must be refused, and files that hold them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.data import Encoding, fit_encoding
from bephw.data.encoding import BLOCK
from bephw.errors import BephwError
from bephw.settings import Encoder

X = np.array([[0, 10], [4, 10], [8, 30], [16, 50]], np.float64)


def test_none_passes_bits_and_refuses_anything_else():
    encoding = fit_encoding(Encoder(kind="none"), np.eye(3))
    assert encoding.transform(np.eye(3)).tolist() == np.eye(3).tolist()
    for bad in (0.5, -1, 2, 256, 1e30):
        with pytest.raises(BephwError, match=r"^x: must hold bits \(0 or 1\)$"):
            encoding.transform(np.full((1, 3), bad))


@pytest.mark.parametrize("kind", ["median", "none"])
def test_output_is_bytes_of_zero_and_one(kind):
    x = X > 5
    bits = fit_encoding(Encoder(kind=kind), x).transform(x)
    assert bits.dtype == np.uint8
    assert set(np.unique(bits)) == {0, 1}


@pytest.mark.parametrize("samples", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1])
def test_samples_are_encoded_one_by_one(samples):
    encoding = fit_encoding(Encoder(kind="thermometer", min_share=0), X)
    x = np.random.default_rng(samples).uniform(0, 50, (samples, 2))
    bits = encoding.transform(x)
    assert bits.shape == (samples, encoding.bits)
    expected = (x[:, [0, 0, 0, 1, 1, 1]] > encoding.thresholds.ravel())[:, encoding.kept]
    np.testing.assert_array_equal(bits, expected)


def test_other_features_than_fitted_on_are_refused():
    with pytest.raises(BephwError, match=r"^test images: the encoder was fitted on 2 features, not 3$"):
        fit_encoding(Encoder(), X).transform(np.zeros((4, 3)), "test images")
    with pytest.raises(BephwError, match=r"^x: must have two dimensions \(samples, features\), not shape \(4, 1, 2\)$"):
        fit_encoding(Encoder(), X).transform(np.zeros((4, 1, 2)))
    with pytest.raises(BephwError, match=r"^x: must be finite, but sample 0, feature 0 is infinity$"):
        fit_encoding(Encoder(), X).transform(np.full((1, 2), np.inf))
    with pytest.raises(BephwError, match=r"^x: must hold numbers, not <U1$"):
        fit_encoding(Encoder(), X).transform(np.array([["a", "b"]]))


def test_other_series_than_fitted_on_are_refused():
    x = np.random.default_rng(0).normal(size=(5, 12))
    with pytest.raises(BephwError, match=r"^x: the encoder was fitted on 12 features, not 13$"):
        fit_encoding(Encoder(), x, window=4).transform(np.zeros((1, 13)))
    with pytest.raises(BephwError, match=r"^x: must have two dimensions"):
        fit_encoding(Encoder(), x, window=4).transform(np.zeros((1, 3, 4)))
    steps = fit_encoding(Encoder(), x.reshape(5, 3, 4), recurrent=True)
    with pytest.raises(BephwError, match=r"^x: the encoder was fitted on 3 steps of 4 features, not 4 steps of 3$"):
        steps.transform(np.zeros((1, 4, 3)))
    with pytest.raises(BephwError, match=r"^x: must have three dimensions"):
        steps.transform(x)


@st.composite
def encodings(draw):
    """A fitted encoder of any kind, with the features it was fitted on."""
    kind = draw(st.sampled_from(["median", "threshold", "thermometer", "none"]))
    spacing = draw(st.sampled_from(["uniform", "distributive", "gaussian"]))
    min_share = draw(st.sampled_from([None, 0.01]))
    window = draw(st.sampled_from([None, 1, 2, 5]))
    steps = window is None and draw(st.booleans())
    x = np.random.default_rng(draw(st.integers(0, 99))).normal(size=(40, 3, 2) if steps else (40, 6))
    x = (x > 0).astype(float) if kind == "none" else x
    encoder = Encoder(kind=kind, spacing=spacing, min_share=min_share)
    return fit_encoding(encoder, x, window=window, recurrent=steps), x


@given(case=encodings())
def test_arrays_give_the_same_encoding_back(case):
    encoding, x = case
    again = Encoding.from_arrays({"counters_0": np.zeros(3), **encoding.to_arrays()})
    assert (again.shape, again.window, again.bits, again.recurrent) == (
        encoding.shape,
        encoding.window,
        encoding.bits,
        encoding.recurrent,
    )
    for name, array in encoding.to_arrays().items():
        assert array.tobytes() == again.to_arrays()[name].tobytes()
    np.testing.assert_array_equal(again.transform(x), encoding.transform(x))


def test_a_file_gives_the_same_encoding_back(tmp_path):
    x = np.random.default_rng(0).normal(size=(40, 6))
    encoding = fit_encoding(Encoder(kind="thermometer", levels=9, min_share=0.15), x, window=4)
    assert encoding.kept is not None
    encoding.save(tmp_path / "encoder.npz")
    again = Encoding.load(tmp_path / "encoder.npz")
    assert again.thresholds.tobytes() == encoding.thresholds.tobytes()
    np.testing.assert_array_equal(again.transform(x), encoding.transform(x))


def test_files_that_hold_no_encoding_are_refused(tmp_path):
    path = tmp_path / "encoder.npz"
    with pytest.raises(BephwError, match=r"encoder\.npz: cannot be read: No such file or directory$"):
        Encoding.load(path)
    np.savez(path, other=np.zeros(3))
    with pytest.raises(BephwError, match=r"encoder\.npz: encoding_shape is missing$"):
        Encoding.load(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(BephwError, match=r"encoder\.npz: not a whole \.npz file"):
        Encoding.load(path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("shape", None, r"encoding_shape is missing$"),
        ("shape", [4.0], r"encoding_shape must hold integers, not float64$"),
        ("shape", 4, r"encoding_shape must have 1 dimension, not shape \(\)$"),
        ("shape", [], r"encoding_shape must hold integers, not float64$"),
        ("shape", [0], r"encoding_shape must be 1 to 2147483647, not 0$"),
        ("shape", [2**40], r"encoding_shape must be 1 to 2147483647, not 1099511627776$"),
        ("shape", [1, 2, 3], r"encoding_shape must have 1 or 2 entries, not 3$"),
        ("window", None, r"encoding_window is missing$"),
        ("window", [2], r"encoding_window must have 0 dimensions, not shape \(1,\)$"),
        ("window", -1, r"encoding_window must be 0 to 4, not -1$"),
        ("window", 5, r"encoding_window must be 0 to 4, not 5$"),
        ("thresholds", np.zeros((2, 2), np.float32), r"encoding_thresholds must be float64, not float32$"),
        ("thresholds", np.zeros((3, 2)), r"encoding_thresholds must have shape \(2, levels\), not \(3, 2\)$"),
        ("thresholds", np.zeros((2, 0)), r"encoding_thresholds must have shape \(2, levels\), not \(2, 0\)$"),
        ("thresholds", [[0, 1], [0, np.nan]], r"encoding_thresholds must be finite, but holds NaN or infinity$"),
        ("thresholds", [[0.0, 1], [1, 0]], r"encoding_thresholds must not fall along the levels$"),
        ("kept", [0.0], r"encoding_kept must hold integers, not float64$"),
        ("kept", np.zeros(0, int), r"encoding_kept must hold at least one bit$"),
        ("kept", [1, 1], r"encoding_kept must rise from bit to bit$"),
        ("kept", [-1, 1], r"encoding_kept must be 0 to 2147483647, not -1$"),
        ("kept", [0, 4], r"encoding_kept must lie below the 4 bits, not be 4$"),
    ],
)
def test_damaged_arrays_are_refused(name, value, message):
    arrays = {"shape": [4], "window": 2, "thresholds": [[0.0, 1.0], [-1.7e308, 1.7e308]], "kept": [0, 3], name: value}
    with pytest.raises(BephwError, match=rf"^state\.npz: {message}"):
        Encoding.from_arrays({f"encoding_{n}": np.array(v) for n, v in arrays.items() if v is not None}, "state.npz")


def test_steps_take_no_window():
    arrays = {"encoding_shape": np.array([3, 2]), "encoding_window": np.array(1)}
    with pytest.raises(BephwError, match=r"^encoding: encoding_window must be 0 to 0, not 1$"):
        Encoding.from_arrays(arrays)
