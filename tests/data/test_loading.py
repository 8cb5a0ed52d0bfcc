"""What holds for every data set."""

import zlib

import numpy as np
import pytest

from bephw.data import fit_encoding, load
from bephw.data.npz import npz
from bephw.data.parts import divide
from bephw.errors import BephwError
from bephw.settings import Data


def test_encoded_bits_must_be_the_networks_inputs():
    with pytest.raises(
        BephwError,
        match=r"^network.sizes\[0\] must be 64, the bits of an encoded sample \(digits, encoder median\), not 192$",
    ):
        load(Data(), classes=10, inputs=192)


def test_labels_must_be_classes():
    with pytest.raises(BephwError, match=r"^digits: y_train: label of sample \d+ must be 0 to 4 .*, not \d$"):
        load(Data(), classes=5)


def test_open_inputs_take_any_bits():
    for inputs in (None, 0):
        dataset = load(Data(encoder={"kind": "thermometer", "levels": 5, "min_share": 0.05}), classes=10, inputs=inputs)
        assert 0 < dataset.inputs == dataset.encoding.bits < 5 * 64


@pytest.mark.parametrize("options", [{}, {"validation_fraction": 0.2}, {"folds": 2}])
def test_the_encoder_is_fitted_on_training_samples_only(tmp_path, options):
    x, y = np.arange(40.0)[:, np.newaxis] ** 2, np.arange(40) % 2
    path = tmp_path / "own.npz"
    np.savez(path, x_train=x, y_train=y, x_test=-x, y_test=y)
    data = Data(name="npz", path=str(path), encoder={"kind": "thermometer", "spacing": "distributive"}, **options)
    expected = fit_encoding(data.encoder, divide(npz(data), data).x_train)
    assert load(data, classes=2).encoding.thresholds.tolist() == expected.thresholds.tolist()


def test_the_default_split_never_changes():
    dataset = load(Data(), classes=10, inputs=64)
    assert (zlib.crc32(dataset.x_train), zlib.crc32(dataset.x_test)) == (0x2F093FA3, 0x6E222891)


def test_the_dataset_carries_its_encoder():
    dataset = load(Data(encoder={"kind": "threshold", "threshold": 0.25}), classes=10)
    assert dataset.encoding.thresholds.tolist() == [[4.0]] * 64
    assert dataset.x_train.any()


def test_parts_of_a_named_set():
    options = {"name": "digits", "folds": 3, "fold": 1, "validation_fraction": 0.25, "seed": 4}
    first, again = (load(Data(**options), classes=10) for _ in range(2))
    assert [len(y) for y in (first.y_train, first.y_validation, first.y_test)] == [898, 300, 599]
    for name in ("x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert first.x_validation.shape == (300, 64)
    assert first.y_validation.dtype == np.int64
    without = load(Data(**{**options, "validation_fraction": None}), classes=10)
    assert without.x_validation is None
    np.testing.assert_array_equal(first.y_test, without.y_test)
    other = load(Data(**{**options, "fold": 0}), classes=10)
    assert not np.array_equal(first.y_test, other.y_test)


def test_a_part_without_samples():
    with pytest.raises(BephwError, match=r"^digits: x_test must hold at least one sample$"):
        load(Data(test_fraction=0.001), classes=10)
    with pytest.raises(BephwError, match=r"^digits: x_train must hold at least one sample$"):
        load(Data(test_fraction=0.999), classes=10)


def test_recurrent_networks_cut_their_samples():
    dataset = load(Data(window=8), classes=10, recurrent=True, inputs=8)
    assert dataset.x_train.shape[1:] == (8, 8)
    with pytest.raises(
        BephwError, match=r"^network\.sizes\[0\] must be 8, the bits of an encoded step \(.*\), not 64$"
    ):
        load(Data(window=8), classes=10, recurrent=True, inputs=64)
    with pytest.raises(
        BephwError, match=r"^data\.window: required for recurrent networks \(digits has no steps of its own\)$"
    ):
        load(Data(), classes=10, recurrent=True)
    with pytest.raises(
        BephwError, match=r"^digits: x_train: data\.window must be at most the series' 64 values, not 65$"
    ):
        load(Data(window=65), classes=10, recurrent=True)
