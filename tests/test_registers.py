"""docs/registers.md is what docs/registers.py makes."""

import runpy
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCRIPT = runpy.run_path(str(DOCS / "registers.py"))


def test_the_table_is_up_to_date():
    """If not: python docs/registers.py"""
    document = (DOCS / "registers.md").read_text(encoding="utf-8")
    assert document.split(SCRIPT["BEGIN"])[1].split(SCRIPT["END"])[0] == SCRIPT["table"]()
