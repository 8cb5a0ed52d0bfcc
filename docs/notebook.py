"""Makes docs/tutorial.ipynb of docs/tutorial.md: text, code, and what it prints.

    python docs/notebook.py [--run]

With --run the code is run first, in an empty folder with the examples in it, and the page gets what it prints.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
PAGE, NOTEBOOK, PICTURE = DOCS / "tutorial.md", DOCS / "tutorial.ipynb", "tutorial.svg"
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```\n(.*?)```\n)?", re.DOTALL)


def blocks(text: str) -> list[tuple[str, str]]:
    """Code and output of every block of a page."""
    return [(code, output or "") for code, output in BLOCK.findall(text)]


def run(code: list[str], folder: Path) -> list[str]:
    """What each prints, one after the other in one namespace, in a folder with the examples in it."""
    if not (folder / "examples").exists():
        (folder / "examples").symlink_to(DOCS.parent / "examples")
    names: dict[str, Any] = {"__name__": "tutorial"}
    printed = []
    with contextlib.chdir(folder):
        for part in code:
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(part, str(PAGE), "exec"), names)
            printed.append(out.getvalue())
    return printed


def notebook(text: str) -> dict[str, Any]:
    """The page as a notebook."""
    cells: list[dict[str, Any]] = []
    at = 0
    for found in BLOCK.finditer(text):
        _add_text(cells, text[at : found.start()])
        code, output = found[1], found[2]
        outputs = [{"output_type": "stream", "name": "stdout", "text": _lines(output)}] if output else []
        cells.append(
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{len(cells)}",
                "metadata": {},
                "outputs": outputs,
                "source": _lines(code),
            }
        )
        at = found.end()
    _add_text(cells, text[at:])
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _add_text(cells: list[dict[str, Any]], text: str) -> None:
    if text.strip():
        cells.append(
            {"cell_type": "markdown", "id": f"cell-{len(cells)}", "metadata": {}, "source": _lines(text.strip())}
        )


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").splitlines(keepends=True)


def main() -> None:
    """Write the notebook; with --run, run the page first, and keep what it prints."""
    text = PAGE.read_text(encoding="utf-8")
    if "--run" in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            printed = iter(run([code for code, _ in blocks(text)], Path(folder)))
            (DOCS / PICTURE).write_bytes((Path(folder) / PICTURE).read_bytes())
        text = BLOCK.sub(lambda found: _block(found[1], next(printed)), text)
        PAGE.write_text(text, encoding="utf-8")
    NOTEBOOK.write_text(json.dumps(notebook(text), indent=1) + "\n", encoding="utf-8")


def _block(code: str, output: str) -> str:
    shown = f"\n```\n{output}```\n" if output else ""
    return f"```python\n{code}```\n{shown}"


if __name__ == "__main__":
    os.chdir(DOCS.parent)
    main()
