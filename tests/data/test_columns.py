"""Columns as features: words as bits, missing values from the training samples."""

import numpy as np
import pytest

from bephw.data.columns import Column, Columns
from bephw.data.features import Features, fit_columns
from bephw.errors import BephwError

NAN = np.nan
READ = Columns(columns=(Column(name="n"), Column(name="w", categories=("a", "b", "c"))), label="y", width=3)


def fitted(rows, missing="median"):
    return READ.fit(np.array(rows), "t", missing)


def test_medians_and_categories_are_those_of_the_training_samples():
    columns = fitted([[1, 0], [3, 2], [NAN, 0]])
    assert columns.columns[0].fill == 2
    assert columns.columns[1].categories == ("a", "c")
    assert columns.features == ("n", "w = c")
    assert fitted([[1, 0], [3, 2]], None).columns[0].fill is None


def test_features():
    columns = fitted([[1, 0], [3, 1], [5, 2], [7, NAN]])
    assert columns.features == ("n", "w = a", "w = b", "w = c", "w = (missing)")
    got = columns.transform(np.array([[NAN, 0], [2, NAN], [3, 2]]), READ)
    assert got.tolist() == [[4, 1, 0, 0, 0], [2, 0, 0, 0, 1], [3, 0, 0, 1, 0]]


def test_words_that_no_training_sample_has_have_no_bit():
    columns = fitted([[1, 0], [3, 1], [3, 1]])
    assert columns.transform(np.array([[1.0, 2], [1, 1], [1, 0], [1, NAN]]), READ)[:, 1].tolist() == [0, 1, 0, 0]
    # Words are found by name, whatever their numbers in another file.
    other = READ.model_copy(update={"columns": (READ.columns[0], Column(name="w", categories=("b", "z")))})
    assert columns.transform(np.array([[1.0, 0], [1, 1]]), other)[:, 1].tolist() == [1, 0]


def test_one_category_alone():
    assert fitted([[1, 1], [2, 1]]).features == ("n", "w = b")


def test_a_column_without_values():
    with pytest.raises(BephwError, match=r"^t: column 'n' has no value in any training sample: leave it out$"):
        fitted([[NAN, 1], [NAN, 0]])


def test_two_tables_share_their_words():
    second = READ.model_copy(update={"columns": (READ.columns[0], Column(name="w", categories=("aa", "c")))})
    joined, (x, z) = READ.joined(np.array([[1.0, 2], [2, NAN]]), second, np.array([[3.0, 0], [4, 1]]))
    assert joined.columns[1].categories == ("a", "aa", "b", "c")
    np.testing.assert_array_equal(x, [[1, 3], [2, NAN]])
    np.testing.assert_array_equal(z, [[3, 1], [4, 3]])


def test_all_parts_of_the_features():
    x = np.array([[1, 0], [NAN, 1], [5, 2]])
    features = Features("t", x, np.zeros(3, int), x[1:2], np.zeros(1, int), x[2:], np.zeros(1, int), columns=READ)
    done = fit_columns(features, "median")
    assert done.missing == 2
    assert done.x_test.tolist() == [[3, 0, 1, 0]] and done.x_validation.tolist() == [[5, 0, 0, 1]]
    assert not np.isnan(done.x_train).any()
    plain = Features("t", x, np.zeros(3, int), x, np.zeros(3, int))
    assert fit_columns(plain, None) is plain


def test_they_come_back_from_text():
    columns = fitted([[1.1, 0], [3, 2], [NAN, NAN]])
    assert Columns.from_json(columns.model_dump_json(), "t") == columns


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "t: columns: "),
        ('{"columns": [], "width": 1}', "t: columns: columns: must have at least 1 entry, not []"),
        ('{"columns": [{"name": "a"}, {"name": "a"}], "width": 2}', "t: columns: columns must have different names"),
        (
            '{"columns": [{"name": "a"}], "label": "a", "width": 2}',
            "t: columns: label a must not be one of the columns",
        ),
        ('{"columns": [{"name": "a", "categories": ["x", "x"]}], "width": 2}', "must be different words"),
        ('{"columns": [{"name": "a", "categories": ["x"], "fill": 1}], "width": 2}', "fill must be left out"),
        ('{"columns": [{"name": "a", "fill": "x"}], "width": 2}', "t: columns: "),
        ('{"columns": [{"name": "a", "more": 1}], "width": 2}', "unknown key"),
    ],
)
def test_damaged_text_is_named(text, message):
    with pytest.raises(BephwError) as caught:
        Columns.from_json(text, "t")
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_medians_that_overflow():
    with pytest.raises(BephwError, match=r"^t: column 'n' must hold smaller numbers: their median overflows$"):
        fitted([[1.7e308, 0], [1.6e308, 1]])
