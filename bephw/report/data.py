"""What data were read: a table, the classes with their shares, warnings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bephw.report.documents import Documents
from bephw.report.section import Section
from bephw.report.words import DATA, number, percent, plain

__all__ = ["data_sections"]

FACTS = (
    ("train_samples", "training samples"),
    ("validation_samples", "validation samples"),
    ("test_samples", "held-out samples"),
    ("features", "features"),
    ("steps", "steps of a sample"),
    ("inputs", "bits after encoding"),
    ("constant_features", "constant features"),
    ("missing", "missing values that were filled in"),
)
OF_A_STEP = ("features", "bits after encoding")  # where samples have steps
SHOWN = 20  # classes before the rest is folded


def data_sections(documents: Documents) -> list[Section]:
    """One section with a table a data set; the same data of several documents are shown once, the fullest of them."""
    found: dict[str, Mapping[str, Any]] = {}
    for document in documents.single:
        data = document.get("data")
        if isinstance(data, Mapping) and data.get("name"):
            key = json.dumps([data.get(part) for part in ("name", "inputs", "train_samples", "test_samples")])
            if key not in found or len(data) > len(found[key]):
                found[key] = data
    if not found:
        return []
    return [Section("data.html.j2", "The data", "Data", {"sets": [_set(data) for data in found.values()]})]


def _set(data: Mapping[str, Any]) -> dict[str, Any]:
    facts = [(label, plain(data[key])) for key, label in FACTS if data.get(key) is not None]
    if data.get("steps"):
        facts = [(label + " a step" * (label in OF_A_STEP), value) for label, value in facts]
    if not data.get("missing"):
        facts = [fact for fact in facts if not fact[0].startswith("missing")]
    known = {"name", "classes", *(key for key, _ in FACTS)}
    facts += [
        (key.replace("_", " "), plain(value))
        for key, value in data.items()
        if key not in known and isinstance(value, (str, int, float)) and value is not None
    ]
    classes = [_class(entry, data) for entry in data.get("classes") or ()]
    name = str(data["name"])
    return {"name": DATA.get(name, name), "facts": facts, "classes": classes[:SHOWN], "rest": classes[SHOWN:]}


def _class(entry: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    whole = data.get("train_samples") or 0
    share = entry["train"] / whole if whole else 0.0
    return {
        "name": str(entry["name"]),
        "train": number(entry["train"]),
        "test": number(entry["test"]),
        "share": percent(share) if whole else "-",
        "width": round(100 * share, 1),
    }
