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


def _load(folder, arrays, **changes):
    path = folder / "own.npz"
    np.savez(path, **arrays)
    return load(Data(name="npz", path=str(path), **changes), classes=2)


def test_images_are_flattened(tmp_path):
    dataset = _load(tmp_path, GOOD)
    assert dataset.x_train.shape == (4, 6)
    assert dataset.y_test.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_train": None}, "array y_train is missing$"),
        ({"x_train": np.arange(4)}, r"x_train must have shape \(samples, features\), not \(4,\)$"),
        ({"y_train": np.zeros(3, int)}, r"y_train must have shape \(4,\), one label a sample of x_train, not \(3,\)$"),
        ({"x_test": np.zeros((2, 5))}, "x_test: the encoder was fitted on 6 features, not 5$"),
        ({"y_test": np.array([0, 2])}, r"y_test: label 1 must be 0 to 1 \(network.classes = 2\), not 2$"),
        ({"y_test": np.array([0, -1])}, r"y_test: label 1 must be 0 to 1 .*, not -1$"),
        ({"y_test": np.array([0.0, 1.0])}, "y_test: labels must be integers, not float64$"),
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
