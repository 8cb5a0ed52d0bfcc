"""Files of the user's own: every wrong one is named."""

import numpy as np
import pytest

from bephw.data import load
from bephw.errors import BephwError
from bephw.settings import Data

GOOD = {
    "x_train": np.arange(24).reshape(4, 2, 3),
    "y_train": np.array([0, 1, 0, 1]),
    "x_test": np.zeros((2, 6)),
    "y_test": np.array([1, 1]),
}


def _load(folder, arrays, recurrent=False, **changes):
    path = folder / "own.npz"
    np.savez(path, **arrays)
    return load(Data(name="npz", path=str(path), **changes), classes=2, recurrent=recurrent)


def test_images_are_flattened(tmp_path):
    dataset = _load(tmp_path, GOOD)
    assert dataset.x_train.shape == (4, 6)
    assert dataset.y_test.tolist() == [1, 1]


def test_steps_stay_as_they_are_for_recurrent_networks(tmp_path):
    steps = {**GOOD, "x_test": np.zeros((2, 2, 3))}
    assert _load(tmp_path, steps).x_train.shape == (4, 6)
    dataset = _load(tmp_path, steps, recurrent=True)
    assert (dataset.x_train.shape, dataset.x_test.shape, dataset.inputs) == ((4, 2, 3), (2, 2, 3), 3)
    bits = {**steps, "x_train": np.ones((4, 2, 3), int)}
    assert _load(tmp_path, bits, recurrent=True, encoder={"kind": "none"}).x_train.tolist() == bits["x_train"].tolist()


def test_a_window_cuts_flattened_samples(tmp_path):
    dataset = _load(tmp_path, GOOD, recurrent=True, window=4)
    assert dataset.x_train.shape == (4, 2, 4)
    np.testing.assert_array_equal(dataset.x_train, _load(tmp_path, GOOD, window=4).x_train)


def test_recurrent_networks_need_steps(tmp_path):
    flat = {**GOOD, "x_train": np.zeros((4, 6))}
    for arrays in (flat, {**GOOD, "x_train": np.zeros((4, 2, 3, 1))}):
        with pytest.raises(
            BephwError, match=r"^data\.window: required for recurrent networks \(.*own\.npz has no steps"
        ):
            _load(tmp_path, arrays, recurrent=True)
    with pytest.raises(BephwError, match=r"own\.npz: x_test: must have three dimensions .*, not shape \(2, 6\)$"):
        _load(tmp_path, GOOD, recurrent=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_train": None}, "array y_train is missing$"),
        ({"x_train": np.arange(4)}, r"x_train must have shape \(samples, features\), not \(4,\)$"),
        ({"y_train": np.zeros(3, int)}, r"y_train must have shape \(4,\), one label a sample of x_train, not \(3,\)$"),
        ({"x_test": np.zeros((2, 5))}, "x_test: the encoder was fitted on 6 features, not 5$"),
        ({"y_test": np.array([0, 2])}, r"y_test: label of sample 1 must be 0 to 1 \(network.classes = 2\), not 2$"),
        ({"y_test": np.array([0, -1])}, r"y_test: label of sample 1 must be 0 to 1 .*, not -1$"),
        ({"y_test": np.array([0.0, 0.5])}, "y_test: label of sample 1 must be a whole number or a word, not 0.5$"),
        (
            {"y_test": np.array([2**63, 0], np.uint64)},
            r"y_test: label of sample 0 must be 0 to 1 .*, not 9223372036854775808$",
        ),
        ({"y_train": np.zeros((4, 1), int)}, r"y_train must have shape \(4,\), one label a sample .*, not \(4, 1\)$"),
        ({"x_test": np.zeros((0, 6)), "y_test": np.zeros(0, int)}, "x_test must hold at least one sample$"),
        ({"x_train": np.zeros((0, 6)), "y_train": np.zeros(0, int)}, "x_train must hold at least one sample$"),
        (
            {"x_train": np.full((4, 6), np.nan)},
            r"x_train: must be finite, but sample 0, feature 0 is NaN \(data.missing fills",
        ),
        ({"x_test": np.full((2, 6), "1")}, "x_test: must hold numbers, not <U1$"),
    ],
)
def test_bad_files_are_refused(tmp_path, changes, message):
    arrays = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    with pytest.raises(BephwError, match=message):
        _load(tmp_path, arrays)


def test_missing_file_and_missing_path(tmp_path):
    with pytest.raises(BephwError, match=r"^data.path: required when data.name is npz$"):
        load(Data(name="npz"), classes=2)
    with pytest.raises(BephwError, match=r"nowhere\.npz: cannot be read: No such file or directory$"):
        load(Data(name="npz", path=str(tmp_path / "nowhere.npz")), classes=2)


def test_not_an_npz_file(tmp_path):
    path = tmp_path / "text.npz"
    path.write_text("no arrays")
    with pytest.raises(BephwError, match=r"not a whole \.npz file"):
        load(Data(name="npz", path=str(path)), classes=2)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["no", "yes", "no", "yes"], ("no", "yes")),
        ([1, 2, 1, 2], ("1", "2")),
        ([-1, 1, 1, -1], ("-1", "1")),
        ([False, True, False, True], ("False", "True")),
        ([0.0, 1.0, 0.0, 1.0], None),
        ([3.0, 7.0, 3.0, 7.0], ("3", "7")),
    ],
)
def test_labels_of_every_kind(tmp_path, labels, names):
    dataset = _load(tmp_path, {**GOOD, "y_train": np.array(labels), "y_test": np.array(labels[1:3])})
    order = sorted(set(labels))
    assert dataset.y_train.tolist() == [order.index(label) for label in labels]
    assert dataset.y_test.tolist() == [order.index(label) for label in labels[1:3]]
    assert dataset.class_names == names
    assert dataset.y_train.dtype == np.int64


def test_one_pair_of_arrays_is_split(tmp_path):
    x, y = np.arange(40.0).reshape(20, 2), np.array(["a", "b"] * 10)
    dataset = _load(tmp_path, {"x": x, "y": y}, test_fraction=0.3)
    assert (len(dataset.y_train), np.bincount(dataset.y_test).tolist()) == (14, [3, 3])
    rows = np.concatenate([dataset.source.x_train, dataset.source.x_test])
    assert sorted(rows.tolist()) == x.tolist()
    for arrays, message in (
        ({"x": x}, "array y is missing"),
        ({"x": x, "y": y[1:]}, r"y must have shape \(20,\), one label a sample of x, not \(19,\)"),
        ({"x": x[:0], "y": y[:0]}, "x must hold at least one sample"),
    ):
        with pytest.raises(BephwError, match=message):
            _load(tmp_path, arrays)


def test_missing_values_become_the_training_samples_medians(tmp_path):
    nan = np.nan
    x = np.array([[1, nan, 5], [3, 2, nan], [nan, 4, 9], [9, 6, 1.0]])
    dataset = _load(tmp_path, {**GOOD, "x_train": x, "x_test": np.array([[nan, nan, nan]] * 2)}, missing="median")
    assert dataset.source.x_test.tolist() == [[3, 4, 5]] * 2
    assert dataset.source.missing == 9
    assert not np.isnan(dataset.source.x_train).any()
    with pytest.raises(BephwError, match="column '1' has no value in any training sample"):
        x[:, 1] = nan
        _load(tmp_path, {**GOOD, "x_train": x, "x_test": x[:2]}, missing="median")
    with pytest.raises(BephwError, match=r"samples of x_test must have shape \(3,\) as those of x_train, not \(2,\)"):
        _load(tmp_path, {**GOOD, "x_train": x, "x_test": x[:2, :2]}, missing="median")


def test_missing_values_of_steps(tmp_path):
    x = np.arange(24.0).reshape(4, 2, 3)
    x[0, 0, 1] = np.nan
    dataset = _load(tmp_path, {**GOOD, "x_train": x, "x_test": x[:2]}, recurrent=True, missing="median")
    assert dataset.source.x_train[0, 0, 1] == np.median([4, 7, 10, 13, 16, 19, 22])


def test_the_first_value_that_is_not_finite_is_named(tmp_path):
    x = np.zeros((4, 6))
    x[2, 5] = np.inf
    with pytest.raises(BephwError, match=r"x_train: must be finite, but sample 2, feature 5 is infinity$"):
        _load(tmp_path, {**GOOD, "x_train": x})


def test_objects_are_never_unpickled(tmp_path):
    labels = np.array(["a", 1, None, 2], object)
    np.savez(tmp_path / "own.npz", **{**GOOD, "y_train": labels}, allow_pickle=True)
    with pytest.raises(BephwError, match=r"not a whole \.npz file of plain arrays"):
        load(Data(name="npz", path=str(tmp_path / "own.npz")), classes=2)
