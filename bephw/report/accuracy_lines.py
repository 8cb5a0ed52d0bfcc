"""Figures of tables of accuracies as texts in rows, for terminals and pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["accuracy_lines", "gain_lines"]


def accuracy_lines(figures: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Headings, and one line a row: `84.21 ± 0.13 [84.7]`, the published accuracy in brackets."""
    found = {(cell["row"], cell["column"]): cell for cell in figures["cells"]}
    runs = len(figures["seeds"]) * (figures["folds"] or 1)
    lines = [[row, *(_cell(found[row, column], runs) for column in figures["columns"])] for row in figures["rows"]]
    return ["", *figures["columns"]], lines


def gain_lines(figures: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Headings, and one line a row with the gain of every comparison, and the mean last; no lines without any."""
    compares = figures["compare"]
    headings = ["", *(f"{compare['column']} over {compare['against']}" for compare in compares)]
    if not compares:
        return headings, []
    lines = [
        [row, *(_gain(compare["rows"][index]) for compare in compares)] for index, row in enumerate(figures["rows"])
    ]
    if len(lines) > 1:
        lines.append(["mean", *(_gain(compare) for compare in compares)])
    return headings, lines


def _cell(cell: Mapping[str, Any], runs: int) -> str:
    if cell["mean"] is None:
        text = "-"
    else:
        text = f"{100 * cell['mean']:.2f}" + (f" ± {100 * cell['std']:.2f}" if cell["std"] is not None else "")
        text += f" ({cell['n']} of {runs})" if cell["n"] < runs else ""
    return text if cell["published"] is None else f"{text} [{100 * cell['published']:g}]"


def _gain(gain: Mapping[str, Any]) -> str:
    text = "-" if gain["gain"] is None else f"{gain['gain']:+.2f}"
    text += f" ± {gain['std']:.2f}" if gain.get("std") is not None else ""
    return text if gain["published_gain"] is None else f"{text} [{gain['published_gain']:+g}]"
