"""Write measured tables and their pictures into docs/accuracy.md, and a few of their figures into the README.

    .venv/bin/python docs/tables.py build/accuracy

The folder is what `make accuracy` left. For every `<!-- table: NAME -->` in the document, the table of
build/accuracy/NAME replaces what stands between it and `<!-- end -->`, and its picture goes to
docs/accuracy/NAME.svg. A table that has not been run is left as it is. The README's lines between
`<!-- accuracy:begin -->` and `<!-- accuracy:end -->` are those of `HEADLINES`; they too stay where a table is missing.
"""

from __future__ import annotations

import json
import re
import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

from bephw.accuracy.markdown import markdown

DOCUMENT = Path(__file__).resolve().parent / "accuracy.md"
README = DOCUMENT.parent.parent / "README.md"
BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
SUMMARY = re.compile(r"(<!-- accuracy:begin -->\n).*?(<!-- accuracy:end -->)", re.DOTALL)
# Data as the README names them, the table's name, and row and column of what the README has; no row: the column's mean.
HEADLINES = (
    ("MNIST", "mnist", "1023-255", "average, moving images"),
    ("FashionMNIST", "fashion_mnist_edges", "1023-255", "average"),
    ("FashionMNIST, 1 bit a pixel", "fashion_mnist_global", "525-525", "BEP, average"),
    ("FashionMNIST, 1 bit a pixel", "fashion_mnist_global", "35-35", "BEP, average"),
    ("Random Prototypes", "random_prototypes", "35-35", "BEP, average"),
    ("8 UCR series, mean", "ucr", None, "BEP-TT"),
)


def main(folder: Path) -> None:
    """Fill the document in."""
    text = BLOCK.sub(lambda block: block[1] + (filled(folder / block[2]) or _between(block)) + block[3], _read())
    DOCUMENT.write_text(text, encoding="utf-8")
    if all((folder / name / "table.json").is_file() for _, name, _, _ in HEADLINES):
        readme = README.read_text(encoding="utf-8")
        lines = headlines(folder)
        README.write_text(SUMMARY.sub(lambda block: block[1] + lines + block[2], readme), encoding="utf-8")


def headlines(folder: Path) -> str:
    """The README's table: accuracies in percent of BEP's networks, and of what they are compared with."""
    lines = ["| data | network | held out, % | compared with |", "| --- | --- | --- | --- |"]
    for data, name, row, column in HEADLINES:
        table = json.loads((folder / name / "table.json").read_text(encoding="utf-8"))
        other = next(compare["against"] for compare in table["compare"] if compare["column"] == column)
        ours, theirs = _shown(table, row, column), _shown(table, row, other)
        lines.append(f"| {data} | {row or 'recurrent'} | {ours} | {other}: {theirs} |")
    return "\n".join(lines) + "\n"


def _shown(table: dict[str, Any], row: str | None, column: str) -> str:
    """One cell; or where `row` is None, the mean of a column."""
    cells = [cell for cell in table["cells"] if cell["column"] == column and row in (None, cell["row"])]
    mean = 100 * statistics.mean(cell["mean"] for cell in cells)
    deviation = f" ± {100 * cells[0]['std']:.2f}" if row and cells[0]["std"] is not None else ""
    published = f" (published: {100 * cells[0]['published']:.1f})" if row and cells[0]["published"] else ""
    return f"{mean:.2f}{deviation}{published}"


def filled(folder: Path) -> str:
    """The Markdown of one table, without its title, and its picture; nothing where there is no such table."""
    if not (folder / "table.json").is_file():
        return ""
    pictures = DOCUMENT.parent / "accuracy"
    pictures.mkdir(exist_ok=True)
    shutil.copyfile(folder / "table.svg", pictures / f"{folder.name}.svg")
    figures = json.loads((folder / "table.json").read_text(encoding="utf-8"))
    body = markdown(figures, f"bephw accuracy examples/tables/{folder.name}.toml").split("\n", 2)[2].strip()
    return f"{body}\n\n![{folder.name}](accuracy/{folder.name}.svg)\n"


def _between(block: re.Match[str]) -> str:
    return block[0][len(block[1]) : -len(block[3])]


def _read() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
