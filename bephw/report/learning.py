"""The learning curve, beside what other learners reach on the same split."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bephw.report.charts import Chart, chart
from bephw.report.documents import Document, Documents
from bephw.report.section import Section, Table
from bephw.report.words import amount, data_name, duration, network_name, percent, plural
from bephw.settings import IN_PYTORCH

__all__ = ["learning_sections"]

POINTS = 300  # of a curve: more cannot be told apart
HEIGHT = 300
# With the shift key only: without it the page scrolls, and fingers move the page, not the chart.
ZOOM = {
    "type": "interval",
    "zoom": "wheel![event.shiftKey]",
    "translate": "[pointerdown[event.shiftKey], window:pointerup] > window:pointermove!",
}
TICKS = 12  # epochs that each have a number below the chart
PARTS = (
    ("train_accuracy", "training"),
    ("validation_accuracy", "validation"),
    ("test_accuracy", "held out"),
)
COLOURS = {
    "training": "var(--faint)",
    "validation": "var(--part-3)",
    "held out": "var(--part-0)",
    "PyTorch": "var(--part-1)",
    "goal": "var(--bad)",
}
LINEAR = ("var(--part-2)", "var(--part-4)")
DASHES = {"training": [1, 0], "held out": [1, 0], "validation": [6, 3], "PyTorch": [8, 3]}


def learning_sections(documents: Documents) -> list[Section]:
    """One section a training."""
    goals = {id(demo.get("train")): demo.get("goal") for demo in documents.demos}
    trainings = [document for document in documents.by("train") if document.get("epochs")]
    return [_section(index, document, goals.get(id(document)), documents) for index, document in enumerate(trainings)]


def _section(index: int, document: Document, goal: float | None, documents: Documents) -> Section:
    epochs = document["epochs"]
    title = documents.titled(f"How it learns {data_name(document) or 'the data'}", document)
    content = {
        "chart": _curve(f"curve-{index}", document, goal),
        "references": _reference_rows(document),
        "absent": document.get("references_absent") or [],
        "compared": "references" in document,
        "facts": _facts(document),
        "epochs": _epoch_table(epochs),
        "golden": (document.get("settings") or {}).get("learning", {}).get("algorithm") not in IN_PYTORCH,
        "averaged": (document.get("settings") or {}).get("learning", {}).get("average"),
    }
    return Section("learning.html.j2", title, "Learning", content)


def _curve(name: str, document: Document, goal: float | None) -> Chart:
    epochs = document["epochs"]
    series: list[tuple[str, str, list[int], list[tuple[int, float]]]] = []
    for key, label in PARTS:
        values = [(row["epoch"], row[key]) for row in epochs if row.get(key) is not None]
        if values:
            series.append((label, COLOURS[label], DASHES[label], values))
    first, last = epochs[0]["epoch"], epochs[-1]["epoch"]
    level = [(epoch, 0.0) for epoch in _thin(list(range(first, last + 1)))]
    linear = iter(LINEAR * 3)
    for reference in document.get("references") or ():
        label = f"{reference['name']} ({reference['sees']})"
        if reference.get("epochs"):
            values = [(row["epoch"], row["test_accuracy"]) for row in reference["epochs"]]
            series.append((label, COLOURS["PyTorch"], DASHES["PyTorch"], values))
        else:
            values = [(epoch, reference["test_accuracy"]) for epoch, _ in level]
            series.append((label, next(linear, LINEAR[0]), [3, 3], values))
    if goal is not None:
        series.append(("goal", COLOURS["goal"], [1, 2], [(epoch, goal) for epoch, _ in level]))
    best = document.get("test_accuracy")
    words = f"Accuracy per epoch over {plural(len(epochs), 'epoch')}" + (
        f", held out {percent(best)} at the end" if best else ""
    )
    return chart(name, words, HEIGHT, _specification(series))


Series = Sequence[tuple[str, str, list[int], list[tuple[int, float]]]]  # label, colour, dash, points


def _specification(series: Series) -> dict[str, Any]:
    """Lines by the keys s0, s1, ..: labels may hold anything, and Vega reads dots and brackets in names as paths."""
    keys = [f"s{index}" for index in range(len(series))]
    values = [
        {"epoch": epoch, "series": key, "accuracy": round(100 * share, 3)}
        for key, (_, _, _, points) in zip(keys, series, strict=True)
        for epoch, share in _thin(points)
    ]
    epochs = sorted({value["epoch"] for value in values})
    return {
        "data": {"values": values},
        "encoding": {"x": _epoch_axis(epochs)},
        "layer": [_lines(keys, series, points=len(epochs) == 1), _pointer(keys, series)],
    }


def _epoch_axis(epochs: Sequence[int]) -> dict[str, Any]:
    ticks: dict[str, Any] = {"values": list(epochs)} if len(epochs) <= TICKS else {"tickMinStep": 1}
    return {
        "field": "epoch",
        "type": "quantitative",
        "title": "epoch",
        "axis": {"grid": False, "format": "d", "labelOverlap": True, **ticks},
        "scale": {"nice": False},
    }


def _lines(keys: Sequence[str], series: Series, *, points: bool) -> dict[str, Any]:
    """The layer of the lines; one is picked in the legend."""
    labels = json.dumps(dict(zip(keys, (label for label, *_ in series), strict=True)))
    legend = {"title": None, "orient": "top", "columns": 2, "labelExpr": f"({labels})[datum.label]", "offset": 8}
    thick = [key for key, (label, *_) in zip(keys, series, strict=True) if label == "held out"]

    def by_series(of_each: list[Any]) -> dict[str, Any]:
        return {
            "field": "series",
            "type": "nominal",
            "scale": {"domain": list(keys), "range": of_each},
            "legend": legend,
        }

    return {
        "params": [
            {"name": "picked", "select": {"type": "point", "fields": ["series"]}, "bind": "legend"},
            {"name": "zoom", "select": ZOOM, "bind": "scales"},
        ],
        "mark": {"type": "line", "point": points, "clip": True},
        "encoding": {
            "y": {
                "field": "accuracy",
                "type": "quantitative",
                "title": "accuracy, %",
                "scale": {"zero": False, "nice": True},
            },
            "color": by_series([colour for _, colour, _, _ in series]),
            "strokeDash": by_series([dash for _, _, dash, _ in series]),
            "strokeWidth": {"condition": {"test": {"field": "series", "oneOf": thick}, "value": 3}, "value": 1.8},
            "opacity": {"condition": {"param": "picked", "value": 1}, "value": 0.15},
        },
    }


def _pointer(keys: Sequence[str], series: Series) -> dict[str, Any]:
    """The layer of the rule at the epoch nearest to the pointer, which tells all values there."""
    tooltips: list[dict[str, Any]] = [{"field": "epoch", "type": "quantitative"}]
    tooltips += [
        {"field": key, "type": "quantitative", "title": label, "format": ".2f"}
        for key, (label, *_) in zip(keys, series, strict=True)
    ]
    nearest = {"type": "point", "fields": ["epoch"], "nearest": True, "on": "pointerover", "clear": "pointerout"}
    return {
        "transform": [{"pivot": "series", "value": "accuracy", "groupby": ["epoch"]}],
        "params": [{"name": "hover", "select": nearest}],
        "mark": {"type": "rule", "color": "var(--faint)"},
        "encoding": {
            "opacity": {"condition": {"param": "hover", "value": 0.6, "empty": False}, "value": 0},
            "tooltip": tooltips,
        },
    }


def _thin(points: list[Any]) -> list[Any]:
    """At most some `POINTS` of them, the last among them."""
    stride = -(-len(points) // POINTS)
    return points if stride == 1 else [*points[:-1:stride], points[-1]]


def _reference_rows(document: Document) -> list[dict[str, str | bool]]:
    """This network first, then what it stands beside."""
    if document.get("test_accuracy") is None or not document.get("references"):
        return []
    inputs = (document.get("data") or {}).get("inputs")
    settings = document.get("settings") or {}
    recurrent = (settings.get("learning") or {}).get("algorithm") == "bep-tt" or (settings.get("data") or {}).get(
        "window"
    )
    own: dict[str, str | bool] = {
        "name": f"this network, {network_name(document)}",
        "sees": (plural(inputs, "bit") if inputs else "bits") + (" a step" if recurrent else ""),
        "accuracy": percent(document["test_accuracy"]),
        "seconds": _time_to_train(document),
        "own": True,
    }
    return [own, *map(_reference_row, document["references"])]


def _time_to_train(document: Document) -> str:
    """Of training alone: the compilation before a machine's first one is no part of it."""
    seconds = document.get("seconds")
    return "" if seconds is None else duration(seconds - (document.get("compilation_seconds") or 0))


def _reference_row(reference: Mapping[str, Any]) -> dict[str, str | bool]:
    seconds = reference.get("seconds")
    return {
        "name": reference["name"] + ("" if reference.get("converged", True) else " (stopped before it converged)"),
        "sees": reference["sees"],
        "accuracy": percent(reference["test_accuracy"]),
        "seconds": "" if seconds is None else duration(seconds),
        "own": False,
    }


def _facts(document: Document) -> list[tuple[str, str]]:
    facts = []
    for key, label in PARTS:
        if document.get(key) is not None:
            facts.append((f"{label} accuracy", percent(document[key], 2)))
    if document.get("samples_per_second"):
        facts.append(
            ("speed of training, on this computer", f"{amount(document['samples_per_second'])} samples a second")
        )
    if time := _time_to_train(document):
        facts.append(("time to train", time))
    if document.get("compilation_seconds"):
        facts.append(("compiling before, once a machine", duration(document["compilation_seconds"])))
    return facts


def _epoch_table(epochs: Sequence[Mapping[str, Any]]) -> Table:
    columns = [
        ("train_accuracy", "training", percent),
        ("validation_accuracy", "validation", percent),
        ("test_accuracy", "held out", percent),
        ("soft_accuracy", "held out, real numbers", percent),
        ("taught", "taught", percent),
        ("rates", "reinforcement rates", lambda rates: " ".join(map(str, rates))),
        ("gamma", "gamma", lambda gamma: " ".join(map(str, gamma))),
        ("seconds", "time", duration),
    ]
    there = [column for column in columns if any(row.get(column[0]) not in (None, [], ()) for row in epochs)]
    rows = [
        [str(row["epoch"]), *("-" if row.get(key) is None else words(row[key]) for key, _, words in there)]
        for row in epochs
    ]
    return Table(["epoch", *(label for _, label, _ in there)], rows, range(1 + len(there)))
