"""Sections of a page for `bephw accuracy` and `bephw tune`."""

from __future__ import annotations

import base64
import json
from typing import Any

from matplotlib.figure import Figure

from bephw.report.accuracy_lines import accuracy_lines, gain_lines
from bephw.report.accuracy_pictures import search_picture, table_picture
from bephw.report.documents import Document, Documents
from bephw.report.pictures import svg_text
from bephw.report.section import Section, Table

__all__ = ["accuracy_sections", "tune_sections"]

TOP = 10


def accuracy_sections(documents: Documents) -> list[Section]:
    """One section a table of accuracies: mean and deviation of every cell, gains, and a picture."""
    return [_accuracy(document) for document in documents.by("accuracy") if document.get("cells")]


def tune_sections(documents: Documents) -> list[Section]:
    """One section a search: the best trials, and a picture of all."""
    return [_tune(document) for document in documents.by("tune") if document.get("trials")]


def _accuracy(document: Document) -> Section:
    headings, lines = accuracy_lines(document)
    tables = [Table(headings, lines, range(1, len(headings)))]
    headings, lines = gain_lines(document)
    if lines:
        tables.append(Table(headings, lines, range(1, len(headings))))
    text = "Test accuracy in percent, mean ± sample standard deviation; gains in points; published figures in brackets."
    if not document["complete"]:
        text += " Not complete: some runs are not finished yet."
    picture = _picture(table_picture(document), "Accuracy of every row, one colour a column")
    content = {"text": text, "pictures": [picture], "tables": tables}
    return Section("measured.html.j2", str(document["title"]), "Accuracies", content)


def _tune(document: Document) -> Section:
    complete = [trial for trial in document["trials"] if trial["state"] == "complete"]
    lines = [
        [
            str(trial["trial"]),
            f"{100 * trial['value']:.2f}",
            *(json.dumps(trial["values"][n]) for n in document["names"]),
        ]
        for trial in sorted(complete, key=lambda trial: -trial["value"])[:TOP]
    ]
    table = Table(["trial", "validation accuracy, %", *document["names"]], lines, [0, 1])
    picture = _picture(search_picture(document), "Validation accuracy of every trial")
    content = {"text": "", "pictures": [picture], "tables": [table]}
    return Section("measured.html.j2", f"Search: {document['title']}", "Search", content)


def _picture(figure: Figure, words: str) -> dict[str, Any]:
    """As an image of its own: ids within pictures of matplotlib are not apart from each other."""
    encoded = base64.b64encode(svg_text(figure).encode()).decode()
    return {"data": f"data:image/svg+xml;base64,{encoded}", "words": words}
