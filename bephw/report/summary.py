"""What was shown, in one sentence, and the figures to remember. What failed comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bephw.report.documents import Document, Documents
from bephw.report.words import amount, data_name, listed, network_name, number, percent, plural

__all__ = ["key_figures", "problems", "sentence", "warnings_of"]

NAMED = 3  # results of one kind that a sentence can name


def sentence(documents: Documents) -> str:
    """What the documents show, success only where there was success; problems lead."""
    wrong = problems(documents)
    clauses = [
        *_learnt(documents.by("train")),
        *_equal([*documents.by("sim"), *documents.by("check")]),
        *_met(documents.by("build")),
        *_planned(documents.by("plan")),
        *_measured(documents),
        *_predicted(documents.by("predict")),
    ]
    if not clauses and not wrong:
        clauses = [*_emitted(documents.by("emit")), *_tools(documents.by("doctor"))]
    text = "; ".join(clauses)
    if wrong:
        failed = f"Not as it should be: {'; '.join(wrong)}."
        return f"{failed} {_capital(text)}." if text else failed
    return f"{_capital(text)}." if text else "No figures to sum up."


def problems(documents: Documents) -> list[str]:
    """What is not as it must be, a line each; empty where all is well."""
    found: list[str] = []
    for document in documents.given:
        if document["command"] == "demo" and "problems" in document:
            found += map(str, document["problems"])
        elif document["command"] == "demo":
            found += [line for part in Documents.of([document]).single for line in _problems(part)]
        else:
            found += _problems(document)
    return found


def warnings_of(documents: Documents) -> list[str]:
    """All warnings of all commands, each once."""
    found = [str(line) for document in (*documents.given, *documents.single) for line in document.get("warnings") or ()]
    return list(dict.fromkeys(found))


def key_figures(documents: Documents) -> list[dict[str, str]]:
    """A few figures with a label and a note each."""
    tiles = []
    for document in documents.by("train")[:1]:
        if document.get("test_accuracy") is not None:
            tests = (document.get("data") or {}).get("test_samples")
            note = f"of {plural(tests, 'held-out sample')} right" if tests else "of held-out samples right"
            tiles.append({"value": percent(document["test_accuracy"]), "label": note, "note": data_name(document)})
    compared = [document for document in (*documents.by("sim"), *documents.by("check")) if "mismatches" in document]
    values, wrong = sum(map(_values, compared)), sum(document["mismatches"] for document in compared)
    if values:
        label = "values equal, Verilog and golden model" if not wrong else "values differ"
        tiles.append({"value": amount(values) if not wrong else amount(wrong), "label": label, "note": ""})
    tiles += _speeds(documents)
    boards = [document for document in documents.by("build") if document.get("fmax_mhz") is not None]
    for document in boards[:2]:
        tiles.append(
            {
                "value": f"{document['fmax_mhz']:.1f} MHz",
                "label": f"reached on {document.get('board', 'the board')}",
                "note": f"{document['clock_mhz']:g} MHz asked for" if document.get("clock_mhz") is not None else "",
            }
        )
    return tiles


def _speeds(documents: Documents) -> list[dict[str, str]]:
    """Cycles of a simulation at the clock of a bitstream of the same design."""
    for build in documents.by("build"):
        for sim in documents.by("sim"):
            if build.get("clock_mhz") and sim.get("cycles_per_sample") and _design(build) == _design(sim) != ({}, {}):
                speed = 1e6 * build["clock_mhz"] / sim["cycles_per_sample"]
                note = "cycles of the simulation; the board's serial port brings fewer"
                label = f"training samples a second at {build['clock_mhz']:g} MHz"
                return [{"value": amount(round(speed)), "label": label, "note": note}]
    sims = [document for document in documents.by("sim") if document.get("cycles_per_sample") is not None]
    return [
        {"value": number(round(sim["cycles_per_sample"])), "label": "clock cycles a training sample", "note": ""}
        for sim in sims[:1]
    ]


def _design(document: Document) -> tuple[Any, Any]:
    settings = document.get("settings") or {}
    hardware = {name: value for name, value in (settings.get("hardware") or {}).items() if name != "profile"}
    return settings.get("network") or {}, hardware


def _values(document: Document) -> int:
    if document["command"] == "check":
        return int(document.get("comparisons") or 0)
    return sum(row["values"] for row in document.get("compared") or ())


def _problems(document: Document) -> list[str]:
    lines = []
    who = network_name(document) or str(document.get("vector") or document.get("board") or "")
    if document.get("mismatches"):
        lines.append(f"{who}: {plural(document['mismatches'], 'difference')} from the golden model".removeprefix(": "))
    if document["command"] == "build" and document.get("meets_timing") is False:
        for whose in ("", "memory_"):
            asked, reached = document.get(f"{whose}clock_mhz") or 0, document.get(f"{whose}fmax_mhz") or 0
            clock = f"{document.get('board')}{', memory' if whose else ''}"
            if reached < asked:
                lines.append(f"{clock}: {asked:g} MHz asked for, {reached:.2f} MHz reached")
    if document["command"] == "doctor" and document.get("missing"):
        lines.append(f"tools are missing: {', '.join(map(str, document['missing']))}")
    return lines


def _learnt(trainings: Sequence[Document]) -> list[str]:
    told = [document for document in trainings if document.get("test_accuracy") is not None]
    clauses = []
    for document in told[:NAMED]:
        network, data = network_name(document), data_name(document) or "its data"
        algorithm = (document.get("settings") or {}).get("learning", {}).get("algorithm")
        who = "a network of logic gates" if algorithm == "logic" else "a network of one-bit weights"
        if network and len(told) > 1:  # One alone has its name in the headings.
            who += f" ({network})"
        accuracy, chance = document["test_accuracy"], _chance(document)
        if chance is not None and accuracy <= chance:
            words = f"{who} did not learn {data}: {percent(accuracy)} of held-out samples right"
            clauses.append(f"{words}, where always naming one class gives {percent(chance)}")
        else:
            clauses.append(f"{who} learnt {data} to {percent(accuracy)} on held-out samples")
    if len(told) > NAMED:
        clauses.append(f"{len(told) - NAMED} more trainings are below")
    return clauses


def _chance(document: Document) -> float | None:
    """What always naming the most frequent class gives on the held-out samples; None where it is not told."""
    classes = (document.get("confusion") or {}).get("classes") or ()
    samples = [entry["samples"] for entry in classes]
    if sum(samples):
        return float(max(samples) / sum(samples))
    classes = ((document.get("settings") or {}).get("network") or {}).get("classes")
    return 1 / classes if classes else None


def _equal(compared: Sequence[Document]) -> list[str]:
    fine = [document for document in compared if document.get("mismatches") == 0]
    values = sum(map(_values, fine))
    if not fine:
        return []
    verilog = all(document["command"] == "sim" or document.get("rtl") for document in fine)
    who = "the generated hardware, simulated, equals" if verilog else "what was checked equals"
    what = f" in all {number(values)} compared values" if values else ""
    return [f"{who} the golden model{what}"]


def _met(builds: Sequence[Document]) -> list[str]:
    met = list(dict.fromkeys(str(document["board"]) for document in builds if document.get("meets_timing")))
    return [f"it fits and meets its clock on {listed(met)}"] if met else []


def _planned(plans: Sequence[Document]) -> list[str]:
    clauses = []
    for plan in [plan for plan in plans if plan.get("board") and plan.get("lanes")][:NAMED]:
        speed = ((plan.get("states") or {}).get("trained") or {}).get("samples_per_second")
        what = f"a trainer of {plural(plan['lanes'], 'lane')} is planned for {plan['board']}"
        clauses.append(what + (f": {amount(round(speed))} training samples a second, predicted" if speed else ""))
    return clauses


def _measured(documents: Documents) -> list[str]:
    clauses = []
    for table in [table for table in documents.by("accuracy") if table.get("rows")][:NAMED]:
        runs = f"{plural(len(table['rows']), 'row')}, {plural(len(table['columns']), 'column')}"
        clauses.append(f"accuracies measured: {table['title']} ({runs})")
    for search in [search for search in documents.by("tune") if search.get("trials")][:NAMED]:
        done = [trial for trial in search["trials"] if trial["state"] == "complete"]
        best = max((trial["value"] for trial in done), default=None)
        found = "" if best is None else f", best validation accuracy {percent(best)}"
        clauses.append(f"{plural(len(search['trials']), 'trial')} of {search['title']}{found}")
    return clauses


def _predicted(predictions: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"{plural(document['samples'], 'sample')} classified"
        + (f", {percent(document['accuracy'])} right" if document.get("accuracy") is not None else "")
        for document in predictions[:NAMED]
        if document.get("samples") is not None
    ]


def _emitted(manifests: Sequence[Document]) -> list[str]:
    names = [str(document.get("name")) for document in manifests]
    return [f"Verilog was generated: {listed(names)}"] if names else []


def _tools(doctors: Sequence[Document]) -> list[str]:
    return ["all tools that are needed are installed"] if doctors else []


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
