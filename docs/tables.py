"""Write measured tables and their pictures into docs/accuracy.md, from what `make accuracy` left.

    .venv/bin/python docs/tables.py build/accuracy

For every `<!-- table: NAME -->` in the document, the table of build/accuracy/NAME replaces what stands between it and
`<!-- end -->`, and its picture goes to docs/accuracy/NAME.svg. A table that has not been run is left as it is.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent / "accuracy.md"
BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main(folder: Path) -> None:
    """Fill the document in."""
    text = BLOCK.sub(lambda block: block[1] + (filled(folder / block[2]) or _between(block)) + block[3], _read())
    DOCUMENT.write_text(text, encoding="utf-8")


def filled(folder: Path) -> str:
    """The Markdown of one table, without its title, and its picture; nothing where there is no such table."""
    if not (folder / "table.md").is_file():
        return ""
    pictures = DOCUMENT.parent / "accuracy"
    pictures.mkdir(exist_ok=True)
    shutil.copyfile(folder / "table.svg", pictures / f"{folder.name}.svg")
    body = (folder / "table.md").read_text(encoding="utf-8").split("\n", 2)[2].strip()
    return f"{body}\n\n![{folder.name}](accuracy/{folder.name}.svg)\n"


def _between(block: re.Match[str]) -> str:
    return block[0][len(block[1]) : -len(block[3])]


def _read() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
