"""Renew the figures that docs/related.md quotes, from docs/benchmarks.json and other documents.

    .venv/bin/python docs/quoted_figures.py

A figure of ours is followed by a comment with its origin: `bephw` and a row of benchmarks.json, or a document and words
of it, their first number; then factors.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
RELATED = REPOSITORY / "docs" / "related.md"
FIGURE = r"\d[\d,]*(?:\.\d+)?"
QUOTED = re.compile(rf"({FIGURE})<!-- (bephw|[\w/]+\.md): (.*?)((?: [*/] [\d.e]+)*) -->")


def origin(source: str, words: str, scale: str) -> float:
    """The value that a figure is said to be."""
    if source == "bephw":
        rows = json.loads((REPOSITORY / "docs" / "benchmarks.json").read_text(encoding="utf-8"))
        (value,) = [row["value"] for row in rows if row["row"] == words]
    else:
        document = (REPOSITORY / source).read_text(encoding="utf-8").replace(" | ", ", ")
        assert words in " ".join(document.split()), f"{source} has no {words!r}"
        (found,) = re.findall(FIGURE, words)[:1]
        value = float(found.replace(",", ""))
    for sign, factor in re.findall(r" ([*/]) (\S+)", scale):
        value = value * float(factor) if sign == "*" else value / float(factor)
    return value


def renewed(text: str) -> str:
    """The text with every quoted figure as it is now, to as many decimals as before."""

    def figure(found: re.Match[str]) -> str:
        shown, *source = found.groups()
        decimals = len(shown.partition(".")[2])
        return f"{origin(*source):,.{decimals}f}" + found[0][len(shown) :]

    return QUOTED.sub(figure, text)


if __name__ == "__main__":
    RELATED.write_text(renewed(RELATED.read_text(encoding="utf-8")), encoding="utf-8")
