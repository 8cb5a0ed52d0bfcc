"""`bephw boards`: every board, and whether its tools are here."""

import json
from pathlib import Path

from bephw import toolchain
from bephw.boards import boards
from bephw.cli import main


def test_every_board(capsys, tmp_path):
    assert main(["boards", "--json", str(tmp_path / "boards.json")]) == 0
    text = capsys.readouterr().out
    figures = json.loads((tmp_path / "boards.json").read_text())
    assert figures["command"] == "boards"
    assert [row["board"] for row in figures["boards"]] == [entry.name for entry in boards()]
    for row in figures["boards"]:
        assert row["board"] in text
        assert row["luts"] > 1000 and row["crystal_mhz"] > 0


def test_tools_that_are_missing(capsys, monkeypatch):
    real = toolchain.find
    monkeypatch.setattr(toolchain, "find", lambda name: None if name == "nextpnr-ecp5" else real(name))
    assert main(["boards"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(("no: nextpnr-ecp5" in line) == ("LFE5U" in line) for line in lines if "│" in line)
    assert lines[-1] == "`bephw doctor` says how to install what is missing."


DOCUMENT = Path(__file__).parents[2] / "docs" / "boards.md"


def test_the_table_of_the_document(capsys):
    assert main(["boards", "--markdown"]) == 0
    assert f"-->\n{capsys.readouterr().out}<!-- end -->" in DOCUMENT.read_text(encoding="utf-8")


def test_markdown(capsys):
    assert main(["boards", "--markdown"]) == 0
    head, line, *rows = capsys.readouterr().out.splitlines()
    assert len(rows) == len(boards())
    assert {row.count("|") for row in (head, line, *rows)} == {9}
