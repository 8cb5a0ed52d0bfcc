"""Equality: everything that the Verilog or the golden model was compared with, in one line, details folded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bephw.report.documents import Document, Documents
from bephw.report.section import Section, Table
from bephw.report.words import listed, network_name, number, percent, plural

__all__ = ["compared_line", "equality_sections"]

KINDS = (
    ("counters", "counter"),
    ("average of weights", "averaged weight"),
    ("predictions", "prediction"),
    ("prototypes", "prototype bit"),
    ("generator", "random-number state"),
)


def equality_sections(documents: Documents) -> list[Section]:
    """One section with a line a comparison."""
    lines = [_simulation(document) for document in documents.by("sim") if document.get("mismatches") is not None]
    lines += [_vector(document) for document in documents.by("check") if document.get("mismatches") is not None]
    lines += [_proof(document) for document in documents.by("prove") if document.get("different") is not None]
    if not lines:
        return []
    return [Section("equality.html.j2", "Is the hardware what it should be?", "Equality", {"lines": lines})]


def compared_line(document: Document) -> str:
    """What was compared, in numbers: samples, then values by kind."""
    samples = (document.get("samples") or 0) + (document.get("inference_samples") or 0)
    parts = [plural(samples, "sample")] if samples else []
    compared = document.get("compared") or ()
    for beginning, what in KINDS:
        count = sum(row["values"] for row in compared if str(row["what"]).startswith(beginning))
        if count:
            parts.append(plural(count, what))
    return listed(parts)


def _simulation(document: Document) -> dict[str, Any]:
    compared = document.get("compared") or ()
    rows = [[str(row["what"]), number(row["values"]), number(row["mismatches"])] for row in compared]
    simulator = f" ({document['simulator']})" if document.get("simulator") else ""
    style = f", inference {document['inference']}" if document.get("inference") else ""
    who = f"{network_name(document) or 'the design'}{style}"
    accuracy = document.get("average_accuracy")
    average = (
        "" if accuracy is None else f"; with the average of its weights {percent(accuracy)} of held-out samples right"
    )
    return {
        "what": f"Verilog of {who} in simulation{simulator}, against the golden model{average}",
        "counts": compared_line(document),
        "whole": number(sum(row["values"] for row in compared)) if compared else "",
        **_verdict(document),
        "table": Table(["compared", "values", "that differ"], rows, [1, 2]) if rows else None,
    }


def _vector(document: Document) -> dict[str, Any]:
    rtl = document.get("rtl")
    against = f"golden model and fresh Verilog ({document.get('simulator')})" if rtl else "golden model"
    rows = [[str(what)] for what in document.get("compared") or ()]
    return {
        "what": f"{document.get('vector', 'a vector file')}, against {against}",
        "counts": plural(document["comparisons"], "value") if document.get("comparisons") is not None else "",
        "whole": "",
        **_verdict(document),
        "table": Table(["compared"], rows) if rows else None,
    }


def _proof(document: Document) -> dict[str, Any]:
    """Outputs that differ are a counterexample; those that are not proved were compared on random samples."""
    different, unproved = document["different"], document.get("unproved") or ()
    rest = f", {number(len(unproved))} compared on {number(document['vectors'])} random samples" if unproved else ""
    return {
        "what": f"Netlist of {network_name(document) or 'the network'} and the network of logic gates itself, by the "
        f"solver in Yosys: {plural(document.get('proved') or 0, 'output')} proved equal for all samples{rest}",
        "counts": plural(document["outputs"], "output") if document.get("outputs") is not None else "",
        "whole": "",
        **_verdict(
            {"mismatches": len(different), "mismatch_lines": [f"output {place} differs" for place in different]}
        ),
        "table": None,
    }


def _verdict(document: Mapping[str, Any]) -> dict[str, Any]:
    mismatches = document["mismatches"]
    return {
        "equal": not mismatches,
        "verdict": "all equal" if not mismatches else f"{plural(mismatches, 'difference')}",
        "lines": [str(line) for line in document.get("mismatch_lines") or ()],
    }
