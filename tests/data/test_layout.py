"""Where rows, names and cells lie in a text."""

import bz2
import gzip
import lzma
import zipfile

import pytest

from bephw.data.layout import find_layout, read_text
from bephw.errors import BephwError
from bephw.settings import Data

ROWS = [["1.5", "2", "x"], ["2.5", "3", "y"], ["3.5", "4", "x"]]


def written(rows, separator=","):
    return "".join(separator.join(row) + "\n" for row in rows)


def layout(text, header=None, **data):
    return find_layout(text, "t", Data(name="csv", path="t", **data), header=header)


def refusal(text, header=None, **data):
    with pytest.raises(BephwError) as caught:
        layout(text, header, **data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("between", "found"), [(",", ","), (";", ";"), ("\t", "\t"), ("|", "|"), (" ", r"\s+"), ("   ", r"\s+")]
)
@pytest.mark.parametrize("names", [None, ["width (cm)", "height (cm)", "kind, or type"]])
def test_the_separator_is_found(between, found, names):
    if names and "," in between:
        names = [f'"{name}"' for name in names]
    if names and " " in between:
        names = ["width", "height", "kind"]
    got = layout(written([*([names] if names else []), *ROWS], between))
    assert (got.separator, got.width) == (found, 3)
    assert (got.names is None) == (names is None)
    assert got.lines.tolist() == ([2, 3, 4] if names else [1, 2, 3])


def test_decimal_commas_do_not_separate():
    text = "1,5;2,5;a\n3,5;2,0;b\n"
    assert layout(text).separator == ";"
    assert layout(text, decimal=",").separator == ";"


def test_any_separator_can_be_given():
    assert layout("a::b\n1::2\n", separator="::").names == ("a", "b")
    assert "data.separator: must be a regular expression, not '(('" in refusal("a((b\n", separator="((")


def test_lines_are_those_of_the_file():
    got = layout('a,b\n\n1,2\n"x\ny",3\n\n4,5\n')
    assert got.lines.tolist() == [3, 5, 7]


@pytest.mark.parametrize(
    ("text", "header", "message"),
    [
        ("", None, "t: is empty"),
        ("\n \n", None, "t: is empty"),
        ("a,b\n", None, "t: holds no samples, only a header"),
        ("a,b\n1,2\n3\n", None, "t: line 3: must have 2 columns, as line 1 (separator ','), not 1"),
        ("a,b\n1,2\n3,4,5\n", None, "t: line 3: must have 2 columns, as line 1 (separator ','), not 3"),
        ("a,b\n1,2,3\n1,2,3\n", None, "t: line 2: must have 2 columns, as line 1 (separator ','), not 3"),
        (
            "a,b,a\n1,2,3\n",
            None,
            "t: line 1: two columns have the name 'a' (data.header = false where this line is a sample)",
        ),
        ("label,1,2\n0,3,4\n", None, "t: line 1: may hold names or a sample: give data.header, true or false"),
    ],
)
def test_what_is_no_table(text, header, message):
    assert refusal(text, header) == message


def test_names_where_the_settings_say_so():
    assert layout("label,1,2\n0,3,4\n", True).names == ("label", "1", "2")
    assert layout("label,1,2\n0,3,4\n", label="label").names == ("label", "1", "2")
    assert layout("a,b\nc,d\n", False).names is None
    assert layout(",b\n1,d\n").names == ("Unnamed: 0", "b")


@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2", ".xz", ".zip"])
def test_packed_files(tmp_path, suffix):
    path, content = tmp_path / f"t.csv{suffix}", "ä,b\r\n1,2\r\n".encode()
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("t.csv", content)
    else:
        packers = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
        path.write_bytes(packers[suffix](content))
    assert read_text(str(path), None, None) == "ä,b\r\n1,2\r\n"
    path.write_bytes(b"\x80nonsense")
    with pytest.raises(BephwError, match=r"t\.csv.*: (cannot be (read|unpacked)|line 1: is not UTF-8 text)"):
        read_text(str(path), None, None)


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks(tmp_path, charset):
    (tmp_path / "t.csv").write_bytes("ä,b".encode(charset))
    assert read_text(str(tmp_path / "t.csv"), None, None) == "ä,b"


def test_other_encodings(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("a\nä".encode("latin-1"))
    assert read_text(str(path), "latin-1", None) == "a\nä"
    for charset, message in (
        (None, "line 2: is not UTF-8 text"),
        ("nope", "one that Python knows"),
        ("ascii", "ascii"),
    ):
        with pytest.raises(BephwError, match=message):
            read_text(str(path), charset, None)


def test_comments_keep_their_lines(tmp_path):
    (tmp_path / "t.csv").write_text("# a, b\na,b\n  # c\n1,#2\n")
    text = read_text(str(tmp_path / "t.csv"), None, "#")
    assert layout(text).lines.tolist() == [4]
    assert "#2" in text


def test_what_is_no_file(tmp_path):
    (tmp_path / "zeros").write_bytes(b"a\0b")
    for path, message in (
        (tmp_path, "is a folder, not a file"),
        (tmp_path / "x", "No such file"),
        (tmp_path / "zeros", "not a text"),
    ):
        with pytest.raises(BephwError, match=message):
            read_text(str(path), None, None)
