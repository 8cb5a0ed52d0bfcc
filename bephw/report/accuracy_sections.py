"""Sections of a page for `bephw accuracy` and `bephw tune`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from bephw.report.accuracy_lines import accuracy_lines, gain_lines
from bephw.report.accuracy_pictures import search_picture, table_picture
from bephw.report.pictures import svg_text
from bephw.report.sections import Picture, Section, Table

__all__ = ["accuracy_section", "tune_section"]

TOP = 10


def accuracy_section(document: Mapping[str, Any]) -> Section:
    """Mean and deviation of every cell, gains, and a picture."""
    tables = [Table(*accuracy_lines(document))]
    headings, lines = gain_lines(document)
    if lines:
        tables.append(Table(headings, lines))
    text = "Test accuracy in percent, mean ± sample standard deviation; gains in points; published figures in brackets."
    if not document["complete"]:
        text += " Not complete: some runs are not finished yet."
    picture = _embedded(table_picture(document), "Accuracy of every row, one colour a column")
    return Section(document["title"], text, pictures=[picture], tables=tables)


def tune_section(document: Mapping[str, Any]) -> Section:
    """The best trials, and a picture of all."""
    complete = [trial for trial in document["trials"] if trial["state"] == "complete"]
    lines = [
        [
            str(trial["trial"]),
            f"{100 * trial['value']:.2f}",
            *(json.dumps(trial["values"][n]) for n in document["names"]),
        ]
        for trial in sorted(complete, key=lambda trial: -trial["value"])[:TOP]
    ]
    table = Table(["trial", "validation accuracy, %", *document["names"]], lines)
    picture = _embedded(search_picture(document), "Validation accuracy of every trial")
    return Section(f"Search: {document['title']}", pictures=[picture], tables=[table])


def _embedded(figure: Figure, caption: str) -> Picture:
    encoded = base64.b64encode(svg_text(figure).encode()).decode()
    return Picture(f"data:image/svg+xml;base64,{encoded}", caption)
