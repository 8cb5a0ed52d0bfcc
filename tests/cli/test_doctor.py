"""`bephw doctor`: what there is, and what is missing."""

import json
from dataclasses import replace

from bephw import toolchain


def test_names_every_tool(run, tmp_path):
    figures = tmp_path / "doctor.json"
    code, out, _ = run("doctor", "--json", figures)
    assert code == (2 if json.loads(figures.read_text())["missing"] else 0)
    for tool in toolchain.TOOLS:
        assert tool in out


def test_missing_tool(run, monkeypatch):
    rows = toolchain.report()
    rows[0] = replace(rows[0], found=False, version="", source="", optional=False, hint="install it somehow")
    monkeypatch.setattr(toolchain, "report", lambda: rows)
    code, out, err = run("doctor")
    assert code == 2
    assert "install it somehow" in out
    assert err.startswith(f"bephw: error: missing: {rows[0].tool}")
