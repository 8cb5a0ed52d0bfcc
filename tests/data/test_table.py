"""Tables as text: every cell a number or a word, and what is wrong by line and column."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.data.table import read_table
from bephw.errors import BephwError
from bephw.settings import Data

ROWS = "".join(f"{i % 7},{i * 0.5},{'ab'[i % 2]}\n" for i in range(40))
TEXT = "n,m,y\n" + ROWS


@pytest.fixture
def read(tmp_path):
    """`read(text, like=None, **data)` is the table of a file with that text."""

    def call(text, like=None, labels=True, **data):
        path = tmp_path / "t.csv"
        path.write_text(text, encoding="utf-8")
        return read_table(str(path), Data(name="csv", path=str(path), **data), like, labels=labels)

    return call


@pytest.fixture
def refusal(read, tmp_path):
    """What is wrong, without the folder."""

    def call(text, like=None, **data):
        with pytest.raises(BephwError) as caught:
            read(text, like, **data)
        return str(caught.value).replace(f"{tmp_path}/", "")

    return call


def test_numbers_and_labels(read):
    table = read(TEXT)
    assert table.values[:3].tolist() == [[0, 0], [1, 0.5], [2, 1]]
    assert table.labels[:3] == ["a", "b", "a"]
    assert table.lines.tolist() == list(range(2, 42))
    assert (table.columns.label, table.columns.width, table.columns.features) == ("y", 3, ("n", "m"))


@pytest.mark.parametrize("label", ["n", 0, -3])
def test_the_label_by_name_or_number(read, label):
    table = read(TEXT, label=label)
    assert table.labels[:3] == ["0", "1", "2"]
    assert table.columns.features == ("m", "y = a", "y = b") or table.columns.columns[1].categories == ("a", "b")


def test_words_are_categories(read):
    table = read("color,b,y\n" + "".join(f" {('red', 'blue')[i % 2]} ,{i % 3 == 0},{i % 2}\n" for i in range(6)))
    assert [column.categories for column in table.columns.columns] == [("blue", "red"), ("False", "True")]
    assert table.values.tolist() == [[1, 1], [0, 0], [1, 0], [0, 1], [1, 0], [0, 0]]


def test_columns_left_out_and_numbers_as_words(read):
    table = read(TEXT, ignore=["m"], categorical=[0])
    assert [column.name for column in table.columns.columns] == ["n"]
    assert table.columns.columns[0].categories == tuple("0123456")


def test_signs_of_numbers(read):
    text = "n;y\n" + "".join(f"1.{i:03},5;{i % 2}\n" for i in range(9))
    assert read(text, decimal=",", thousands=".").values[:, 0].tolist() == [1000.5 + i for i in range(9)]


def test_missing_cells(read):
    text = "n,w,y\n1,a,0\n?,NA,1\n,,0\nnan,None,1\n"
    values = read(text, missing="median").values
    np.testing.assert_array_equal(values, [[1, 1], [np.nan, np.nan], [np.nan, np.nan], [np.nan, 0]])


def test_a_column_that_counts_the_rows_is_told(read):
    (line,) = read("id,y\n" + "".join(f"{i + 17},{i % 2}\n" for i in range(40))).warnings
    assert line.endswith("t.csv: column 'id' counts the rows: data.ignore leaves it out")


MANY = "w,n,y\n" + "".join(f"w{i},{i * i},{i % 2}\n" for i in range(40))
DATES = "w,n,y\n" + "".join(f"2020-01-{i % 28 + 1:02} 0{i % 7}:00,{i * i},{i % 2}\n" for i in range(40))


@pytest.mark.parametrize(
    ("text", "data", "message"),
    [
        (TEXT, {"label": "z"}, "data.label: t.csv has no column 'z'; it has 'n', 'm', 'y'"),
        (TEXT, {"label": 3}, "data.label: must be -3 to 2 (t.csv has 3 columns), not 3"),
        (
            ROWS,
            {"label": "y"},
            "data.label: t.csv has no header: give the column's number, -3 to 2, not 'y'",
        ),
        (TEXT, {"ignore": ["z"]}, "data.ignore: t.csv has no column 'z'; it has 'n', 'm', 'y'"),
        (TEXT, {"ignore": ["y"]}, "data.ignore: column 'y' is that of the labels"),
        (TEXT, {"ignore": ["n", 1]}, "t.csv: holds no column besides the labels (separator ',')"),
        (TEXT, {"categorical": [7]}, "data.categorical: must be -3 to 2 (t.csv has 3 columns), not 7"),
        ("y\na\nb\n", {}, "t.csv: holds no column besides the labels (separator ',')"),
        (
            TEXT + "1,2,\n",
            {},
            "t.csv: line 42: column 'y' is the label and is missing (the last column: data.label names another)",
        ),
        (TEXT + "1,2,NaN\n", {"label": "y"}, "t.csv: line 42: column 'y' is the label and is missing"),
        (
            "n,y\n1,0.5\n2,1\n",
            {"label": "y"},
            "t.csv: line 2: column 'y' is the label and must be a whole number or a word, not 0.5",
        ),
        (
            MANY,
            {"label": "n"},
            "t.csv: column 'w' holds 40 different words in 40 rows, such as 'w0': leave it out: "
            'data.ignore = ["w"], or take it as words: data.categorical = ["w"]',
        ),
        (
            MANY,
            {"label": "n", "ignore": ["w"]},
            "t.csv: column 'n' has another label in each of its 40 rows: data.label names the column of the labels",
        ),
        (
            DATES,
            {},
            "t.csv: column 'w' holds dates, such as '2020-01-01 00:00': leave it out: "
            'data.ignore = ["w"], or take it as words: data.categorical = ["w"]',
        ),
        (
            TEXT + "?,x,a\n",
            {"missing": "median"},
            "t.csv: line 42: column 'm' holds 'x', but 40 other cells of it are numbers: correct it, "
            'or take the column as words: data.categorical = ["m"]',
        ),
        (
            TEXT + ",2,a\n3,,a\n",
            {},
            "t.csv: line 42: column 'n' has no value (the first of 2 such cells): "
            'data.missing = "median" fills them from the training samples',
        ),
        (TEXT + "inf,2,a\n", {}, "t.csv: line 42: column 'n' must be a finite number, not infinity"),
        (TEXT + "1e999,2,a\n", {}, "t.csv: line 42: column 'n' must be a finite number, not infinity"),
        (
            'n,y\n"1,000",0\n"2,000",1\n',
            {},
            "t.csv: column 'n' holds numbers such as '1,000': give data.decimal = ',' or data.thousands = ',', "
            "whichever it is (data.decimal is '.')",
        ),
        ('n,y\n1,"x\n2,3\n', {}, "t.csv: line 2: a quote is opened and never closed"),
        ('n,y\n1,"x"y\n2,3\n', {}, """t.csv: line 2: cannot be read: ',' expected after '"'"""),
    ],
)
def test_what_is_wrong_in_a_table(refusal, text, data, message):
    assert refusal(text, **data) == message


def test_the_same_columns_again(read, refusal):
    first = read("n,w,y\n1,a,0\n2,b,1\n").columns
    again = read("w,more,y,n\nz,1,1,5\n", first)
    assert (again.values.tolist(), again.labels) == ([[5, 0]], ["1"])
    assert again.columns.columns[1].categories == ("z",)
    assert read("n,w\n1,7\n", first, labels=False).columns.columns[1].categories == ("7",)
    assert read("n,w,y\n1,7,\n", first, labels=False).labels is None
    assert refusal("w,y\na,0\n", first) == "t.csv: has no column 'n'; it has 'w', 'y'"
    assert refusal("n,w\n1,a\n", first) == "t.csv: the column 'y' of the labels is missing"
    wrong = "t.csv: line 3: column 'n' must be a number, as in the training samples, not 'x'"
    assert refusal("n,w,y\n1,a,0\nx,a,0\n", first) == wrong


def test_columns_without_names_by_their_places(read, refusal):
    first = read("1,0,a\n2,1,b\n", label=1).columns
    assert read("9,1,z\n", first).values.tolist() == [[9, 0]]
    alone = read("9,z\n", first, labels=False)
    assert (alone.values.tolist(), alone.labels) == ([[9, 0]], None)
    assert (
        refusal("1,2,a,3\n", first) == "t.csv: must have 3, or 2 without labels, columns as the training samples, not 4"
    )


def test_a_first_row_of_words_is_a_row_where_there_are_no_names(read):
    first = read("a,1,x\nb,2,y\n").columns
    assert read("a,?,x\n", first, missing="median").values.shape == (1, 2)
    words = read("a,b,x\nb,a,y\n", header=False).columns
    assert read("b,b,y\na,a,x\n", words).labels == ["y", "x"]


def test_separators_that_are_not_ascii(read):
    assert read("n§y\n1§a\n2§b\n", separator="§").values.tolist() == [[1], [2]]


NUMBER = st.one_of(
    st.integers(-(10**6), 10**6).map(float), st.floats(-1e9, 1e9).filter(lambda number: number == number)
)


@settings(max_examples=60)
@given(st.data())
def test_what_is_written_is_read(tmp_path, data):
    """Numbers, words and labels come back the same, whatever separates them and wherever the label stands."""
    columns, rows = data.draw(st.integers(1, 4), "columns"), data.draw(st.integers(1, 12), "rows")
    values = [[data.draw(NUMBER) for _ in range(columns)] for _ in range(rows)]
    labels = [data.draw(st.sampled_from(["ab", "c,d", 'e"f', "ü;g"])) for _ in range(rows)]
    separator = data.draw(st.sampled_from([",", ";", "\t", "|"]))
    header, place = data.draw(st.booleans()), data.draw(st.integers(0, columns))
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, lineterminator=data.draw(st.sampled_from(["\n", "\r\n"])))
    if header:
        writer.writerow([f"column {name}" for name in range(columns + 1)])
    for row, label in zip(values, labels, strict=True):
        writer.writerow([*map(repr, row[:place]), label, *map(repr, row[place:])])
    path = tmp_path / "t.csv"
    path.write_bytes(file.getvalue().encode())
    given_ = {"separator": separator} if data.draw(st.booleans()) or rows < 4 else {}
    table = read_table(str(path), Data(name="csv", path=str(path), label=place, header=header, **given_))
    assert table.values.tolist() == values
    assert table.labels == labels
    assert (table.columns.label == f"column {place}") == header
