"""Text from any editor is read, or refused in words that say what is where."""

import pytest

from bephw.errors import BephwError
from bephw.texts import read_json, read_text, read_toml


@pytest.fixture
def write(tmp_path):
    def call(content):
        path = tmp_path / "file"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return call


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_byte_order_marks_and_line_ends(write, mark, end):
    assert read_toml(write(mark + b"[a]" + end + b"b = '\xc3\xa4'" + end), "settings") == {"a": {"b": "ä"}}
    assert read_json(write(mark + b'{"a":' + end + b"1}")) == {"a": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a = 1".encode("utf-16"), "is UTF-16 text (Windows PowerShell's > writes such): save it as UTF-8"),
        (b"\xfe\xff" + "a = 1".encode("utf-16-be"), "is UTF-16 text"),
        ("a = 1".encode("utf-32"), "is UTF-32 text"),
        ("a = 1".encode("utf-16-le"), "is not UTF-8 text (a zero byte in line 1)"),
        ("a = 1\nb = 'ä'".encode("latin-1"), "is not UTF-8 text (byte 0xe4 in line 2)"),
    ],
)
def test_other_encodings_are_named(write, content, message):
    path = write(content)
    for read in (lambda: read_toml(path, "settings file"), lambda: read_json(path), lambda: read_text(path)):
        with pytest.raises(BephwError) as caught:
            read()
        assert message in str(caught.value) and str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a = 1\na = 2\n", "line 2: a is there a second time"),
        ("[learning]\nbits = 8\n\n[data]\nseed = 1\nseed = 2 # again\n", "line 6: data.seed is there a second time"),
        ("[learning]\nbits = 8\nbits = 9", "line 3: learning.bits is there a second time"),
        ("[a]\n[b]\n[a]  # again\n", "line 3: [a] is there a second time"),
        ("a = { k = 1, k = 2 }", "Duplicate inline table key 'k'"),
        ("x.y = 1\nx = 2\n\n", "line 2: x is there a second time"),
        ("[a]\nb =\n", "Invalid value (at line 2, column 4): 'b ='"),
        ("a = [1, 2\n", "Unclosed array (at end of document)"),
        (f"a = {'9' * 5000}", "not valid TOML: "),
        (f"a = {'[' * 5000}", "not valid TOML: nested too deeply"),
    ],
)
def test_what_is_wrong_with_toml(write, content, message):
    path = write(content)
    with pytest.raises(BephwError) as caught:
        read_toml(path, "settings file")
    assert str(caught.value).startswith(f"settings file {path}: not valid TOML: ")
    assert message in str(caught.value)


def test_what_is_wrong_with_json(write):
    for content, message in (("{", "not valid JSON: "), ("[" * 100_000, "nested too deeply")):
        with pytest.raises(BephwError, match=message):
            read_json(write(content))
