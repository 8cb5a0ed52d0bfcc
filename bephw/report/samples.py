"""Held-out samples with what the network took them for, as pictures, curves or short lists of values."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.report.documents import Document, Documents
from bephw.report.section import Section
from bephw.report.words import data_name, number, percent, plural

__all__ = ["sample_sections"]

SERIES_WIDTH, SERIES_HEIGHT = 120, 60
LISTED = 6  # values of a row of a table that are shown at once
SHOWN = {"image": 18, "bits": 18, "series": 12, "features": 5}  # samples before the rest is folded


def sample_sections(documents: Documents) -> list[Section]:
    """One section a training that kept samples."""
    return [
        _section(index, document, documents)
        for index, document in enumerate(documents.by("train"))
        if (document.get("examples") or {}).get("samples")
    ]


def _section(index: int, document: Document, documents: Documents) -> Section:
    examples = document["examples"]
    kind = examples.get("kind") if examples.get("kind") in SHOWN else "features"
    samples = [_sample(examples, sample) for sample in examples["samples"]]
    right, wrong = examples.get("right"), examples.get("wrong")
    text = ""
    if right is not None and wrong is not None:
        whole = right + wrong
        name = data_name(document) or "the data"
        text = f"Of {plural(whole, 'held-out sample')} of {name}, {number(right)} are right"
        text += f" and {number(wrong)} wrong ({percent(wrong / whole)})." if wrong else ", all of them."
    content = {
        "training": index,
        "kind": kind,
        "shown": SHOWN[kind],
        "text": text,
        "wrong": [sample for sample in samples if not sample["right"]],
        "right": [sample for sample in samples if sample["right"]],
        "features": examples.get("features"),
    }
    title = documents.titled("What it gets right, and what wrong", document)
    return Section("samples.html.j2", title, "Samples", content)


def _sample(examples: Mapping[str, Any], sample: Mapping[str, Any]) -> dict[str, Any]:
    values = np.array(sample["values"], float).reshape(examples.get("shape") or (-1,))
    low, high = float(examples.get("low", values.min())), float(examples.get("high", values.max()))
    label, prediction = str(sample["label"]), str(sample["prediction"])
    made: dict[str, Any] = {
        "label": label,
        "prediction": prediction,
        "right": label == prediction,
        "number": sample.get("number"),
        "lead": sample.get("lead"),
        "image": None,
        "curves": [],
        "pairs": [],
    }
    match examples.get("kind"):
        case "image" | "bits":
            made["image"] = _picture(values, low, high)
        case "series":
            made["curves"] = _curves(values, low, high)
        case _:
            names = examples.get("names") or [f"x{index}" for index in range(values.size)]
            made["pairs"] = [
                (str(name), number(value, 3)) for name, value in zip(names, values.ravel().tolist(), strict=False)
            ]
            made["listed"] = LISTED
    return made


def _picture(values: NDArray[Any], low: float, high: float) -> str:
    """A data URI: a pixel a value, black where it is lowest; values without rows and columns in a near square."""
    from PIL import Image

    scale = 255 / (high - low) if high > low else 0
    pixels = np.clip((values - low) * scale, 0, 255).astype(np.uint8)
    if pixels.ndim != 2:
        width = int(np.ceil(np.sqrt(pixels.size)))
        pixels = np.pad(pixels.ravel(), (0, -pixels.size % width)).reshape(-1, width)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _curves(values: NDArray[Any], low: float, high: float) -> Sequence[str]:
    """Points of an SVG polyline for every channel of (steps,) or (steps, channels)."""
    channels = values.reshape(len(values), -1).T
    x = np.linspace(1, SERIES_WIDTH - 1, channels.shape[1])
    scale = (SERIES_HEIGHT - 4) / (high - low) if high > low else 0
    heights = SERIES_HEIGHT - 2 - (channels - low) * scale
    return [" ".join(f"{at:.4g},{height:.4g}" for at, height in zip(x, row, strict=True)) for row in heights]
