"""From the JSON of each command to sections of a page: a heading, facts, tables, pictures.

Only keys that are there are shown: a figure that was not measured has no row, and never a zero.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.figure import Figure

from bephw.report.pictures import accuracy_curves, cycle_bars, svg_text, utilisation_bars

__all__ = ["Picture", "Section", "Table", "sections"]

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Picture:
    """A picture inside the page: `data` is a data URI."""

    data: str
    caption: str


@dataclass(frozen=True)
class Table:
    """Headings, and rows of cells that are text already."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """One part of a page; what is empty is not shown."""

    title: str
    text: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()


def sections(document: Document) -> list[Section]:
    """The sections of one command's figures; `document["command"]` says whose."""
    match document["command"]:
        case "accuracy":
            from bephw.report.accuracy_sections import accuracy_section

            return [accuracy_section(document)]
        case "tune":
            from bephw.report.accuracy_sections import tune_section

            return [tune_section(document)]
        case "demo":
            return _demo(document)
        case "train":
            return [_train(document)]
        case "emit":
            return [_emit(document)]
        case "sim":
            return [_sim(document)]
        case "check":
            return [_check(document)]
        case "build":
            return [_build(document)]
        case "doctor":
            return [_doctor(document)]
        case other:
            return [Section(str(other), facts=_facts(document, {key: key for key in document if key != "command"}))]


def _demo(document: Document) -> list[Section]:
    problems = list(document.get("problems", ()))
    text = "Everything came out as it must." if document["passed"] else "Not as it must be: " + "; ".join(problems)
    facts = {"bephw": document["version"], "seconds": _number(document["seconds"])}
    stages = Table(("stage", "seconds"), [(row["stage"], _number(row["seconds"])) for row in document["stages"]])
    equal = Section(
        "What equals what",
        "Every value of the left column, from the emitted Verilog in simulation, against the golden model's.",
        tables=[_compared(document["sim"])],
    )
    first = Section("Result", text, facts, tables=[stages])
    return [
        first,
        _train(document["train"], document.get("goal")),
        equal,
        _sim(document["sim"]),
        *map(_build, document["builds"]),
        _emit(document["emit"]),
    ]


def _train(document: Document, goal: float | None = None) -> Section:
    epochs = document["epochs"]
    names = {
        "train_accuracy": "training accuracy",
        "test_accuracy": "held-out accuracy",
        "samples_per_second": "training samples a second, golden model",
        "seconds": "seconds",
    }
    rows = [
        (
            str(row["epoch"]),
            _percent(row["train_accuracy"]),
            _percent(row["test_accuracy"]),
            _percent(row["taught"]),
            " ".join(map(str, row["rates"])),
        )
        for row in epochs
    ]
    table = Table(("epoch", "training", "held out", "samples that taught", "reinforcement rates"), rows)
    picture = _picture(accuracy_curves(epochs, goal), "Accuracy per epoch, golden model")
    return Section(f"Learning: {_network(document)}", _data(document), _facts(document, names), [picture], [table])


def _emit(document: Document) -> Section:
    names = {"name": "module", "verilog": "Verilog", "verilog_sha256": "SHA-256", "lanes": "lanes"}
    return Section("Emitted Verilog", facts=_facts(document, names))


def _sim(document: Document) -> Section:
    names = {
        "samples": "training samples simulated",
        "mismatches": "mismatches",
        "cycles": "clock cycles",
        "cycles_per_sample": "cycles a training sample",
        "lanes": "XNOR-popcount lanes",
        "efficiency": "efficiency (useful forward work / lanes x cycles)",
        "inference_samples": "held-out samples classified",
        "inference_cycles_per_sample": "cycles a classified sample",
        "inference_accuracy": "accuracy on them",
        "simulator": "simulator",
        "seconds": "seconds",
    }
    phases = document.get("phases") or {}
    pictures = [_picture(cycle_bars(phases), "Busy cycles a training sample, by phase")] if phases else []
    rows = [(name, f"{cycles:.1f}") for name, cycles in phases.items()]
    tables = [Table(("phase", "cycles a sample"), rows)] if rows else []
    return Section(f"Simulation: {_network(document)}", _data(document), _facts(document, names), pictures, tables)


def _check(document: Document) -> Section:
    names = {key: key for key in document if key not in ("command", "mismatch_lines", "compared")}
    lines = [(line,) for line in document.get("mismatch_lines", ())]
    return Section("Check", facts=_facts(document, names), tables=[Table(("mismatch",), lines)] if lines else [])


def _build(document: Document) -> Section:
    names = {
        "device": "device",
        "luts": "LUTs",
        "luts_available": "LUTs there are",
        "ffs": "flip-flops",
        "brams": "block RAMs",
        "brams_available": "block RAMs there are",
        "fmax_mhz": "highest clock, MHz",
        "clock_mhz": "clock asked for, MHz",
        "meets_timing": "meets its clock",
        "bitstream": "bitstream",
        "seconds": "seconds",
    }
    shares = {
        label: document[used] / document[there]
        for label, used, there in (("LUTs", "luts", "luts_available"), ("block RAMs", "brams", "brams_available"))
        if document.get(there)
    }
    picture = _picture(utilisation_bars(shares), f"Utilisation of {document['device']}")
    return Section(f"Board: {document['board']}", facts=_facts(document, names), pictures=[picture] if shares else [])


def _doctor(document: Document) -> Section:
    keys = ("tool", "source", "version", "needed_for", "hint")
    rows = [[str(tool[key]) for key in keys] for tool in document["tools"]]
    return Section("Tools", tables=[Table(("tool", "from", "version", "needed to", "to install"), rows)])


def _compared(document: Document) -> Table:
    rows = [(row["what"], str(row["values"]), str(row["mismatches"])) for row in document.get("compared", ())]
    return Table(("compared", "values", "mismatches"), rows)


def _network(document: Document) -> str:
    network = document.get("settings", {}).get("network", {})
    return "-".join(map(str, [*network.get("sizes", ()), network.get("classes", "")]))


def _data(document: Document) -> str:
    return str(document.get("data", {}).get("name", ""))


def _facts(document: Document, names: Mapping[str, str]) -> dict[str, str]:
    return {
        label: _percent(document[key]) if key.endswith(("accuracy", "efficiency")) else _number(document[key])
        for key, label in names.items()
        if document.get(key) is not None
    }


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f} %"


def _number(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _picture(figure: Figure, caption: str) -> Picture:
    encoded = base64.b64encode(svg_text(figure).encode()).decode()
    return Picture(f"data:image/svg+xml;base64,{encoded}", caption)
