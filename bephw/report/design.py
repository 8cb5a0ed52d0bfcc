"""The design: its drawing, its pace, and what every part is busy with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bephw.errors import BephwError
from bephw.report.documents import Document, Documents
from bephw.report.drawing import boxes, draw
from bephw.report.section import Section, Table
from bephw.report.words import network_name, number, percent, rate
from bephw.settings import Hardware, Settings

__all__ = ["design_sections", "settings_of"]

DRAWN = ("sim", "plan", "emit", "build", "train")  # whose figures say most about a design comes first
HARDWARE = ("bep", "bep-tt", "cp+r", "lbes")


def design_sections(documents: Documents) -> list[Section]:
    """One section a design; a design of several documents is drawn once, with the figures that say most."""
    found: dict[str, Section] = {}
    singles = [document for command in DRAWN for document in documents.by(command)]
    for document in singles:
        settings = settings_of(document)
        if settings is None or not _is_hardware(settings, document):
            continue
        key = _key(settings, document)
        # A training alone tells nothing of hardware, if a design of its network is drawn already.
        if key not in found and not (document["command"] == "train" and _drawn(found, settings)):
            found[key] = _section(settings, document)
    return list(found.values())


def _is_hardware(settings: Settings, document: Document) -> bool:
    """Whether a trainer can be made of them, or inference alone was: inputs known, and the steps of a cell."""
    known = settings.network.sizes[0] != 0 and not (settings.recurrent and settings.data.steps is None)
    return known and (settings.learning.algorithm in HARDWARE or _of_gates(settings, document))


def _of_gates(settings: Settings, document: Document) -> bool:
    """Networks of logic gates are for inference alone."""
    return settings.learning.algorithm == "logic" and document.get("inference") is not None


def settings_of(document: Document) -> Settings | None:
    """The settings that a document holds; None where there are none, or none of this version."""
    content = document.get("settings")
    if not isinstance(content, Mapping) or "network" not in content:
        return None
    # What is the default counts as not given: defaults are clipped to small layers, given values are not.
    given, default = dict(content.get("hardware") or {}), Hardware().model_dump(mode="json")
    hardware = {name: value for name, value in given.items() if value != default.get(name)}
    try:
        return Settings.build(**{**content, "hardware": hardware})
    except BephwError:
        return None


def _key(settings: Settings, document: Document) -> str:
    shapes = [(s.inputs, s.outputs, s.rows, s.columns, s.update_columns, s.steps) for s in settings.shapes]
    last = settings.classifier_shape
    return json.dumps([settings.local, shapes, last.rows, last.columns, last.outputs, document.get("inference")])


def _drawn(found: Mapping[str, Section], settings: Settings) -> bool:
    return any(section.content["sizes"] == settings.network.sizes for section in found.values())


def _section(settings: Settings, document: Document) -> Section:
    inference = document.get("inference")
    phases, pace, source = _phases(document)
    drawn = [] if inference else boxes(settings, phases)
    name = network_name(document)
    content: dict[str, Any] = {
        "sizes": settings.network.sizes,
        "inference": inference,
        "gates": "of logic gates" if settings.learning.algorithm == "logic" else None,
        "stream": settings.hardware.stream_width,
        "boxes": [{"svg": draw(box, pace), "back": box.propagates} for box in drawn],
        "source": source,
        "slowest": _slowest(phases, pace),
        "pace": None if pace is None else number(pace),
        "facts": _facts(settings, document),
        "phases": _table(phases, pace) if phases else None,
        "folding": _folding(settings, learns=not inference),
    }
    title = f"The design: {name}" + (f", inference only ({inference})" if inference else "")
    return Section("design.html.j2", title, "Design", content)


def _phases(document: Document) -> tuple[dict[str, float], float | None, str]:
    """Busy cycles by "UNIT LAYER", cycles a sample, and where they come from."""
    if document["command"] == "plan":
        state = (document.get("states") or {}).get("trained") or {}
        busy = {name.replace("_", " "): cycles for name, cycles in (state.get("busy") or {}).items()}
        return busy, state.get("cycles_per_sample"), "predicted by bephw plan"
    return dict(document.get("phases") or {}), document.get("cycles_per_sample"), "measured in simulation"


def _slowest(phases: Mapping[str, float], pace: float | None) -> str:
    """Which part is busiest, and with how much of the time."""
    own = {name: cycles for name, cycles in phases.items() if name != "batch end"}
    if not own or not pace:
        return ""
    busiest = max(own, key=lambda name: own[name])
    words = f"The busiest part is {_named(busiest)}: {number(own[busiest])} of {number(pace)} cycles."
    if phases.get("batch end"):
        emptied = number(phases["batch end"])
        words += f" At the end of every batch the pipeline runs empty, which costs {emptied} cycles a sample."
    return words


def _named(phase: str) -> str:
    unit, _, layer = phase.partition(" ")
    return f"{unit} of layer {layer}" if layer.isdigit() else phase


def _facts(settings: Settings, document: Document) -> list[tuple[str, str, str]]:
    """Label, value, and the term that explains it."""
    facts = [("lanes", number(settings.lanes), "lane")] if not document.get("inference") else []
    if document.get("cycles_per_sample") is not None:
        facts.append(("cycles a training sample", number(document["cycles_per_sample"]), "cycles a sample"))
    if document.get("inference_cycles_per_sample") is not None:
        facts.append(("cycles a classified sample", number(document["inference_cycles_per_sample"]), "cycles a sample"))
    if document.get("efficiency") is not None:
        facts.append(("efficiency", percent(document["efficiency"]), "efficiency"))
    for key, label in (("interval", "cycles between samples"), ("latency", "cycles until the prediction")):
        if document.get(key) is not None:
            facts.append((label, number(document[key]), ""))
    if document.get("taught") is not None and document.get("samples"):
        facts.append(("samples that taught", percent(document["taught"] / document["samples"]), "taught"))
    if document["command"] == "plan" and (document.get("states") or {}).get("trained"):
        speed = document["states"]["trained"]["samples_per_second"]
        facts.append((f"training samples at {document['clock_mhz']:g} MHz", rate(speed), ""))
    return facts


def _table(phases: Mapping[str, float], pace: float | None) -> Table:
    rows = [
        [_named(name), number(cycles), percent(cycles / pace) if pace else "-"]
        for name, cycles in sorted(phases.items(), key=lambda item: -item[1])
    ]
    return Table(["part", "busy cycles a sample", "of the time"], rows, [1, 2])


def _folding(settings: Settings, *, learns: bool) -> Table:
    hidden = settings.classifier_shapes[:-1] if learns else ()
    rows = [
        [
            name,
            f"{number(shape.inputs)} → {number(shape.outputs)}",
            f"{number(shape.rows)} × {number(shape.columns)}",
            number(shape.rows * shape.columns),
            number(shape.update_columns) if name.startswith("layer") else "-",
            number(shape.forward_cycles * (shape.steps or 1)),
        ]
        for name, shape in (
            *((f"layer {shape.index}", shape) for shape in settings.shapes),
            *((f"classifier of layer {shape.index}", shape) for shape in hidden),
            ("classifier", settings.classifier_shape),
        )
    ]
    headings = ["", "inputs → outputs", "rows × columns", "lanes", "counters a word", "cycles of a forward pass"]
    return Table(headings, rows, [3, 4, 5])
