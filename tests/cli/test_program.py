"""`bephw program`: the board that a folder was built for, and one line where something is missing."""

import json

import pytest

from bephw.boards import programming
from bephw.cli import main


@pytest.fixture
def loaded(monkeypatch):
    """What would be loaded."""
    found = []

    def note(board, path, **choices):
        found.append((board.name, path, choices))

    monkeypatch.setattr(programming, "program", note)
    return found


def test_the_board_that_a_folder_was_built_for(tmp_path, loaded, capsys):
    (tmp_path / "build.json").write_text(json.dumps({"board": "icebreaker"}))
    (tmp_path / "bephw.bin").write_bytes(b"bits")
    assert main(["program", str(tmp_path), "--flash"]) == 0
    ((name, path, choices),) = loaded
    assert (name, path, choices["flash"], choices["cable"]) == ("icebreaker", tmp_path / "bephw.bin", True, None)
    assert capsys.readouterr().out == f"icebreaker runs {path}\n"


def test_a_bitstream_needs_a_board(tmp_path, loaded, capsys):
    path = tmp_path / "bephw.bit"
    path.write_bytes(b"bits")
    assert main(["program", str(path)]) == 2
    said = f"--board: must be given, as {path} does not say what it was built for"
    assert capsys.readouterr().err == f"bephw: error: {said}\n"
    assert main(["program", str(path), "--board", "ulx3s-45f"]) == 0
    assert [name for name, *_ in loaded] == ["ulx3s-45f"]


def test_an_unknown_board(tmp_path, loaded, capsys):
    assert main(["program", str(tmp_path), "--board", "arty"]) == 2
    assert capsys.readouterr().err.startswith("bephw: error: board.name must be one that")
