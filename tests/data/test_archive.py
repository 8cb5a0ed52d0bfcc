"""The three formats of the archive's files, and what is wrong with damaged ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.data.archive import find, read
from bephw.errors import BephwError

TS = "# About: the data\n@problemName Small\n@timeStamps false\n@univariate true\n@classLabel true 1 2\n@data\n"


def _write(folder, name, text):
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tsv", "1\t0.5\t-2\n2\t1e-3\tNaN\n"),
        ("a.tsv", "\ufeff1\t0.5\t-2\r\n2\t1e-3\t?\r\n\r\n"),
        ("a.txt", "   1   5.0e-01  -2.0\n   2   1e-3  NaN\n"),
        ("a.txt", "1,0.5,-2\n2,1e-3,nan"),
        ("a.ts", TS + "0.5,-2:1\n1e-3,?:2\n"),
        ("a.ts", TS + "0.5,-2:1\n\n1e-3:2"),
        ("a.ts", TS.replace("true 1 2", "true 1 2\r") + "0.5,-2:1\r\n1e-3,NaN: 2\r\n"),
    ],
)
def test_formats(tmp_path, name, text):
    series = read(_write(tmp_path, name, text))
    np.testing.assert_array_equal(series.values, [[0.5, -2], [1e-3, np.nan]])
    assert [float(label) for label in series.labels] == [1, 2]


@given(values=st.lists(st.lists(st.floats(allow_infinity=False), min_size=3, max_size=3), min_size=1, max_size=5))
def test_numbers_are_read_exactly(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("archive") / "a.tsv"
    path.write_text("".join("\t".join(["x", *map(repr, row)]) + "\n" for row in values))
    np.testing.assert_array_equal(read(path).values, values)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.tsv", "", r"holds no series$"),
        ("a.ts", TS, r"holds no series$"),
        ("a.tsv", "1\n", r"line 1: must have a label and some values, as all lines, not 0$"),
        ("a.tsv", "1\t2\t3\n\n1\t2\n", r"line 3: must have a label and 2 values, as all lines, not 1$"),
        ("a.tsv", "1\t2\tx\n", r"line 1: values must be numbers \(could not convert string to float: 'x'\)$"),
        ("a.tsv", "1 2 3\n", r"line 1: must have a label and some values"),
        ("a.ts", "0.5,-2:1\n", r"line 1: must be a header line \(@\.\.\.\), not '0\.5,-2:1'$"),
        ("a.ts", TS + "1,2:3,4:1\n", r"line 7: must be the values of one series, a colon and a label$"),
        ("a.ts", TS + "1,2\n", r"line 7: must be the values of one series, a colon and a label$"),
        ("a.ts", TS + "1,,2:1\n", r"line 7: values must be numbers"),
        ("a.ts", TS.replace("univariate true", "univariate false") + "1:1\n", r"@univariate must be true, not false$"),
        ("a.ts", TS.replace("timeStamps false", "timeStamps true") + "1:1\n", r"@timestamps must be false, not true$"),
        ("a.ts", TS.replace("true 1 2", "false") + "1:1\n", r"@classlabel must be true, not false$"),
        ("a.ts", "@equalLength true\n" + TS + "1,2:1\n1:1\n", r"line 9: must have 2 values, not 1$"),
    ],
)
def test_damaged_files_are_refused(tmp_path, name, text, message):
    with pytest.raises(BephwError, match=rf"a\.\w+: {message}"):
        read(_write(tmp_path, name, text))


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(BephwError, match=r"a\.ts: cannot be read: No such file or directory$"):
        read(tmp_path / "a.ts")


def test_both_files_of_one_format_are_found(tmp_path):
    assert find(tmp_path, "Small") is None
    for name in ("Small_TRAIN.tsv", "Small_TEST.ts"):
        _write(tmp_path, name, "")
    assert find(tmp_path, "Small") is None
    train, test = (_write(tmp_path, f"Small_{part}.ts", "") for part in ("TRAIN", "TEST"))
    assert find(tmp_path, "Small") == (train, test)
    assert find(tmp_path / "nowhere", "Small") is None
