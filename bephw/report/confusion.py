"""Which classes are taken for which: a table for few classes, a heat map for many, a list of mistakes for all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bephw.report.charts import Chart, chart
from bephw.report.documents import Document, Documents
from bephw.report.section import Section, Table
from bephw.report.words import listed, number, percent

__all__ = ["confusion_sections"]

TABLE = 20  # classes up to which the counts fit a table
MISTAKES, WEAKEST = 10, 10


def confusion_sections(documents: Documents) -> list[Section]:
    """One section a training that kept its confusion."""
    return [
        _section(index, document, documents)
        for index, document in enumerate(documents.by("train"))
        if (document.get("confusion") or {}).get("classes")
    ]


def _section(index: int, document: Document, documents: Documents) -> Section:
    confusion = document["confusion"]
    classes, counts = confusion["classes"], confusion.get("counts")
    names = [str(entry["name"]) for entry in classes]
    few = counts is not None and len(classes) <= TABLE
    content = {
        "training": index,
        "names": names if few else [],
        "rows": [_row(names, entry, row) for entry, row in zip(classes, counts, strict=True)] if few else [],
        "chart": None if few or counts is None else _heat_map(f"confusion-{index}", names, counts),
        "text": _sentence(confusion),
        "mistakes": _mistakes(confusion),
        "weakest": None if few else _weakest(classes),
        "long": few and max(map(len, names)) > 4,
    }
    title = documents.titled("Which class is taken for which", document)
    return Section("confusion.html.j2", title, "Confusion", content)


def _row(names: Sequence[str], entry: Mapping[str, Any], row: Sequence[int]) -> dict[str, Any]:
    """The counts of one true class, with what to say where the pointer is and how strongly to colour them."""
    total = sum(row)
    cells = []
    for predicted, count in zip(names, row, strict=True):
        right, share = predicted == entry["name"], count / total if total else 0.0
        verdict = "recognised" if right else f"taken for {predicted}"
        words = f"{entry['name']} {verdict}: {number(count)} of {number(total)}"
        # Rare mistakes must be seen too: the root spreads small shares.
        cells.append(
            {
                "count": count,
                "text": number(count) if count else "",
                "words": words,
                "strength": round(100 * (share if right else share**0.5)),
                "right": right,
                "predicted": predicted,
            }
        )
    return {"name": str(entry["name"]), "cells": cells, "recall": percent(entry["right"] / total) if total else "-"}


def _sentence(confusion: Mapping[str, Any]) -> str:
    worst = (confusion.get("confused") or [])[:3]
    if not worst:
        return "No held-out sample is taken for another class."
    if worst[0]["count"] == 1:
        return "No class is taken for the same other one twice."
    pairs = [f"{pair['true']} for {pair['predicted']} ({number(pair['count'])})" for pair in worst]
    return f"Most frequent mistakes: {listed(pairs)}."


def _mistakes(confusion: Mapping[str, Any]) -> Table | None:
    pairs = (confusion.get("confused") or [])[:MISTAKES]
    rows = [[str(pair["true"]), str(pair["predicted"]), number(pair["count"])] for pair in pairs]
    return Table(["true class", "taken for", "samples"], rows, [2]) if rows else None


def _weakest(classes: Sequence[Mapping[str, Any]]) -> Table | None:
    there = [entry for entry in classes if entry["samples"]]
    lowest = sorted(there, key=lambda entry: (entry["right"] / entry["samples"], str(entry["name"])))[:WEAKEST]
    rows = [
        [str(entry["name"]), percent(entry["right"] / entry["samples"]), number(entry["samples"])] for entry in lowest
    ]
    return Table(["class", "right", "held-out samples"], rows, [1, 2]) if rows else None


def _heat_map(name: str, names: Sequence[str], counts: Sequence[Sequence[int]]) -> Chart:
    """A square a pair of classes that occurs."""
    values = [
        {"t": true, "p": predicted, "n": count, "w": "right" if true == predicted else "wrong"}
        for true, row in enumerate(counts)
        for predicted, count in enumerate(row)
        if count
    ]
    domain = list(range(len(names)))
    shown = {"data": {"values": [{"i": i, "name": text} for i, text in enumerate(names)]}, "key": "i"}
    axis = {"labels": len(names) <= 50, "ticks": False, "grid": False, "domain": False, "labelFontSize": 9}
    labels = f"({json.dumps(list(names))})[datum.value]"
    classes = {"type": "ordinal", "scale": {"domain": domain}, "axis": {**axis, "labelExpr": labels}}
    specification = {
        "data": {"values": values},
        "transform": [
            {"lookup": "t", "from": {**shown, "fields": ["name"]}, "as": ["true"]},
            {"lookup": "p", "from": {**shown, "fields": ["name"]}, "as": ["predicted"]},
        ],
        "mark": "rect",
        "encoding": {
            "y": {"field": "t", "title": "true class", **classes},
            "x": {"field": "p", "title": "taken for", **classes},
            "color": {
                "field": "w",
                "type": "nominal",
                "scale": {"domain": ["right", "wrong"], "range": ["var(--good)", "var(--bad)"]},
                "legend": {"title": None, "orient": "top"},
            },
            "opacity": {
                "field": "n",
                "type": "quantitative",
                "scale": {"type": "sqrt", "range": [0.25, 1]},
                "legend": None,
            },
            "tooltip": [
                {"field": "true", "type": "nominal", "title": "true class"},
                {"field": "predicted", "type": "nominal", "title": "taken for"},
                {"field": "n", "type": "quantitative", "title": "samples"},
            ],
        },
    }
    words = f"Heat map of {len(names)} true classes against {len(names)} predicted ones"
    return chart(name, words, 560, specification)
