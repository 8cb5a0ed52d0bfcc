"""The tutorial: its notebook is made of its page, and its code prints what the page shows."""

import json
import re
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.fixture
def pages(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    sys.modules.pop("notebook", None)
    import notebook

    return notebook


def test_the_notebook_is_the_page(pages):
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    assert json.loads((DOCS / "tutorial.ipynb").read_text(encoding="utf-8")) == pages.notebook(text)
    assert len(pages.blocks(text)) > 5


@pytest.mark.slow
def test_the_notebook_runs(pages, tmp_path):
    """Cell after cell; it prints what is shown, percentages to within 1.5 points, cycles to within 5 %."""
    cells = json.loads((DOCS / "tutorial.ipynb").read_text(encoding="utf-8"))["cells"]
    cells = [cell for cell in cells if cell["cell_type"] == "code"]
    printed = pages.run(["".join(cell["source"]) for cell in cells], tmp_path)
    for cell, found in zip(cells, printed, strict=True):
        shown = "".join("".join(output["text"]) for output in cell["outputs"])
        assert NUMBER.sub("#", found.strip()) == NUMBER.sub("#", shown)
        got, expected = ([float(number) for number in NUMBER.findall(part)] for part in (found, shown))
        assert got == pytest.approx(expected, abs=1.5, rel=0.05)
    assert (tmp_path / "tutorial.svg").read_bytes().startswith(b"<?xml")
