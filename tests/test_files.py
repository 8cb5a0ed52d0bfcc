"""Files appear whole or not at all."""

import json

import pytest

from bephw.errors import BephwError
from bephw.files import check_writable, write_bytes, write_json


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "figures.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["figures.json"]


def test_folders_are_made(tmp_path):
    write_bytes(tmp_path / "a" / "b", b"x")
    assert (tmp_path / "a" / "b").read_bytes() == b"x"


def test_no_path_no_file():
    write_json(None, {"a": 1})
    check_writable(None)


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BephwError, match=r"file: cannot be made: File exists$"):
        check_writable(tmp_path / "file" / "x")
    with pytest.raises(BephwError, match=r"is a folder, not a file to write$"):
        check_writable(tmp_path)
