"""What only some readers ask for: emitted Verilog, stages, tools, settings; and predictions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bephw.report.documents import Document, Documents
from bephw.report.section import Section, Table
from bephw.report.words import data_name, duration, network_name, number, percent, plain

__all__ = ["detail_sections"]

SETTINGS_OF = ("train", "sim", "emit", "build", "plan")


@dataclass(frozen=True)
class Fold:
    """A part that the reader unfolds: facts, a table, a text, or several of them."""

    title: str
    facts: Sequence[tuple[str, str]] = ()
    table: Table | None = None
    text: str = ""
    open: bool = False


def detail_sections(documents: Documents) -> list[Section]:
    """One section of folded parts."""
    folds = [
        *_stages(documents.demos),
        *_tools(documents.by("doctor")),
        *_predictions(documents.by("predict")),
        *_verilog(documents.by("emit")),
        *_settings(documents),
    ]
    return [Section("details.html.j2", "Details", "Details", {"folds": folds})] if folds else []


def _stages(demos: list[Document]) -> list[Fold]:
    folds = []
    for demo in demos:
        rows = [[str(row["stage"]), duration(row["seconds"])] for row in demo.get("stages") or ()]
        if rows:
            whole = f", {duration(demo['seconds'])}" if demo.get("seconds") is not None else ""
            folds.append(Fold(f"Stages of the demo{whole}", table=Table(["stage", "time"], rows, [1])))
    return folds


def _tools(doctors: list[Document]) -> list[Fold]:
    headings = ["tool", "from", "version", "needed to", "to install"]
    keys = ("tool", "source", "version", "needed_for", "hint")
    return [
        Fold(
            "Tools",
            table=Table(headings, [[str(tool.get(key) or "") for key in keys] for tool in doctor["tools"]]),
            open=True,
        )
        for doctor in doctors
        if doctor.get("tools")
    ]


def _predictions(predictions: list[Document]) -> list[Fold]:
    folds = []
    for document in predictions:
        if document.get("samples") is None:
            continue
        facts = [("samples", number(document["samples"]))]
        if document.get("accuracy") is not None:
            facts.append(("accuracy", percent(document["accuracy"], 2)))
        shown = document.get("prediction")
        if shown:
            facts.append(("predictions", ", ".join(map(str, shown[:100])) + (", ..." if len(shown) > 100 else "")))
        folds.append(Fold("Predictions", facts, open=True))
    return folds


def _verilog(manifests: list[Document]) -> list[Fold]:
    folds = []
    for manifest in manifests:
        keys = {
            "name": "module",
            "verilog": "file",
            "inference": "inference",
            "lanes": "lanes",
            "interval": "cycles between samples",
            "latency": "latency, cycles",
            "verilog_sha256": "SHA-256",
        }
        facts = [(label, plain(manifest[key])) for key, label in keys.items() if manifest.get(key) is not None]
        ports, table = manifest.get("ports"), None
        if isinstance(ports, list) and ports and all(isinstance(port, dict) for port in ports):
            headings = list(ports[0])
            rows = [[plain(port.get(key)) for key in headings] for port in ports]
            table = Table(headings, rows)
        folds.append(Fold(f"Generated Verilog: {manifest.get('name', '')}", facts, table))
    return folds


def _settings(documents: Documents) -> list[Fold]:
    folds: dict[str, Fold] = {}
    for command in SETTINGS_OF:
        for document in documents.by(command):
            if document.get("settings"):
                text = json.dumps(document["settings"], indent=1, sort_keys=True)
                name = " ".join(filter(None, [network_name(document), data_name(document)]))
                folds.setdefault(text, Fold(f"Settings of bephw {command}: {name}", text=text))
    return list(folds.values())
