"""A table's figures as a page in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bephw.report.accuracy_lines import accuracy_lines, gain_lines

__all__ = ["markdown"]

METRICS = {
    "last": "after the last epoch",
    "best_validation": "after the epoch with the best validation accuracy",
}


def markdown(figures: Mapping[str, Any], command: str) -> str:
    """The page: equal figures give equal text."""
    seeds = len(figures["seeds"])
    runs = f"{seeds} seed{'s' * (seeds > 1)}" + (f" x {figures['folds']} folds" if figures["folds"] else "")
    text = [
        f"# {' '.join(figures['title'].split())}",
        "",
        f"Test accuracy in percent {METRICS[figures['metric']]}: mean ± sample standard deviation over {runs}"
        f"{_brackets(figures['cells'], 'published')}.",
        "",
        *_table(*accuracy_lines(figures)),
    ]
    headings, lines = gain_lines(figures)
    if lines:
        text += [
            "",
            "Gain in points, over runs with equal seed and fold"
            + _brackets(
                [row for compare in figures["compare"] for row in (compare, *compare["rows"])], "published_gain"
            )
            + ".",
            "",
            *_table(headings, lines),
        ]
    if not figures["complete"]:
        text += ["", "Not complete: some runs are not finished yet."]
    return "\n".join([*text, "", f"    {command}", ""])


def _brackets(entries: Sequence[Mapping[str, Any]], key: str) -> str:
    return "; published figures in brackets" if any(entry[key] is not None for entry in entries) else ""


def _table(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---", *["---:"] * (len(headings) - 1)]
    return [f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in (headings, rule, *lines)]


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
