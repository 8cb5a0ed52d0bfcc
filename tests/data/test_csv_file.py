"""The user's own tables, from the file to bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.data import load
from bephw.data.split import stratified_split
from bephw.errors import BephwError
from bephw.settings import Data

ENCODERS = [
    {"kind": "median"},
    *({"kind": "thermometer", "levels": 3, "spacing": spacing} for spacing in ("uniform", "distributive", "gaussian")),
]


def write(path, rows, names=("n", "w", "y")):
    path.write_text("\n".join(",".join(map(str, row)) for row in [names, *rows]) + "\n", encoding="utf-8")
    return str(path)


def rows_of(count, seed=0):
    random = np.random.default_rng(seed)
    return [(f"{random.normal():.3f}", "abc"[random.integers(3)], ("no", "yes")[i % 2]) for i in range(count)]


def test_one_file_is_split(tmp_path):
    path = write(tmp_path / "t.csv", rows_of(40))
    dataset = load(Data(name="csv", path=path, test_fraction=0.25, seed=1))
    assert (len(dataset.y_train), len(dataset.y_test), dataset.classes) == (30, 10, 2)
    assert np.bincount(dataset.y_test).tolist() == [5, 5]
    assert (dataset.class_name(0), dataset.class_name(1), dataset.class_name(2)) == ("no", "yes", "2")
    assert dataset.source.columns.features == ("n", "w = a", "w = b", "w = c")
    other = load(Data(name="csv", path=path, test_fraction=0.25, seed=2))
    assert not np.array_equal(dataset.x_test, other.x_test)


def test_folds_and_validation_samples(tmp_path):
    path = write(tmp_path / "t.csv", rows_of(40))
    dataset = load(Data(name="csv", path=path, folds=4, fold=2, validation_fraction=0.2))
    assert [len(y) for y in (dataset.y_train, dataset.y_validation, dataset.y_test)] == [24, 6, 10]


def test_a_second_file_is_held_out(tmp_path):
    path = write(tmp_path / "t.csv", rows_of(40))
    test = write(tmp_path / "u.csv", [("yes", "z", 1), ("maybe", "b", 2)], ("y", "w", "n"))
    dataset = load(Data(name="csv", path=path, test_path=test))
    assert dataset.class_names == ("maybe", "no", "yes")
    assert dataset.y_test.tolist() == [2, 0]
    assert dataset.source.x_test.tolist() == [[1, 0, 0, 0], [2, 0, 1, 0]]


def test_a_class_of_one_sample_trains(tmp_path):
    path = write(tmp_path / "t.csv", [*rows_of(40), ("1.0", "a", "rare")])
    dataset = load(Data(name="csv", path=path))
    assert dataset.class_names == ("no", "rare", "yes")
    assert (1 in dataset.y_train, 1 in dataset.y_test) == (True, False)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_columns_of_two_values_are_one_bit(tmp_path, encoder):
    """Also where nearly all samples have the larger value, above whose quantiles there is nothing."""
    rows = [(int(i % 10 > 0), ("u", "v")[i % 7 > 0], i % 2) for i in range(70)]
    dataset = load(Data(name="csv", path=write(tmp_path / "t.csv", rows), encoder=encoder))
    np.testing.assert_array_equal(dataset.x_train, dataset.source.x_train)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"path": None}, r"^data\.path: required when data\.name is csv$"),
        ({"path": "nowhere.csv"}, r"^nowhere\.csv: cannot be read: No such file"),
        ({"test_fraction": 0.01}, r"x_test must hold at least one sample$"),
    ],
)
def test_bad_settings(tmp_path, changes, message):
    path = write(tmp_path / "t.csv", rows_of(8))
    with pytest.raises(BephwError, match=message):
        load(Data(**{"name": "csv", "path": path, **changes}))


def test_one_class_alone(tmp_path):
    path = write(tmp_path / "t.csv", [(1, "a", "x"), (2, "b", "x")] * 10)
    with pytest.raises(BephwError, match="all samples have the label x: there must be at least two classes"):
        load(Data(name="csv", path=path))
    assert load(Data(name="csv", path=path), classes=2).classes == 2


CELLS = st.tuples(
    st.one_of(st.just(""), st.integers(-99, 99).map(str)),
    st.sampled_from(["", "a", "b", "new", "very new"]),
    st.sampled_from(["no", "yes"]),
)


@settings(max_examples=40)
@given(st.lists(CELLS, min_size=2, max_size=9), st.sampled_from(ENCODERS), st.booleans())
def test_held_out_samples_change_nothing_that_trains(tmp_path, held_out, encoder, one_file):
    """Medians, categories and thresholds are the training samples', wherever the others come from."""
    train = [*rows_of(20), ("", "a", "no"), ("3", "", "yes")]
    path = write(tmp_path / "t.csv", train)
    plain = Data(name="csv", path=path, test_path=path, missing="median", encoder=encoder)
    if not one_file:
        changed = load(plain.model_copy(update={"test_path": write(tmp_path / "u.csv", held_out)}))
        before = load(plain)
    else:
        one = plain.model_copy(update={"test_path": None})
        before = load(one)
        for number, at in enumerate(_held_out(train, one)):
            train[at] = (*held_out[number % len(held_out)][:2], train[at][2])
        write(tmp_path / "t.csv", train)
        changed = load(one)
    assert changed.source.columns == before.source.columns
    np.testing.assert_array_equal(changed.x_train, before.x_train)
    np.testing.assert_array_equal(changed.y_train, before.y_train)
    assert changed.x_test.shape[1] == before.x_test.shape[1]


def _held_out(rows, data):
    """Numbers of the rows that the split holds out."""
    return stratified_split(np.array([row[2] for row in rows]), data.test_fraction, data.seed)[1].tolist()
