"""The chip: how full it is, its clock, and a floor plan coloured by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bephw.report.documents import Document, Documents
from bephw.report.section import Section, Table
from bephw.report.words import duration, network_name, number, percent

__all__ = ["chip_sections", "floor_plan_svg", "part_colour"]

RESOURCES = (
    ("luts", "look-up tables"),
    ("brams", "block RAMs"),
    ("sprams", "single-port RAMs"),
)
COLOURS = {
    "classifier": "var(--classifier)",
    "sequencer": "var(--sequencer)",
    "registers and transfers": "var(--registers)",
    "serial bridge": "var(--bridge)",
}


def chip_sections(documents: Documents) -> list[Section]:
    """One section for all bitstreams, one for each plan that has no bitstream of its board."""
    builds = documents.by("build")
    built = [_card(document, planned=False) for document in builds if document.get("board")]
    there = {document.get("board") for document in builds}
    planned = [_card(plan, planned=True) for plan in documents.by("plan") if plan.get("board") not in {None} | there]
    sections = []
    if built:
        sections.append(Section("chip.html.j2", "On the chip", "Chip", {"cards": built, "planned": False}))
    if planned:
        sections.append(Section("chip.html.j2", "On the chip, as planned", "Plan", {"cards": planned, "planned": True}))
    return sections


def _card(document: Document, *, planned: bool) -> dict[str, Any]:
    plan = document.get("floor_plan")
    return {
        "board": str(document["board"]),
        "device": document.get("device"),
        "network": network_name(document),
        "bars": _bars(document),
        "clock": _clock(document, planned),
        "facts": _facts(document),
        "floor_plan": floor_plan_svg(plan, str(document["board"])) if plan else "",
        "legend": _legend(plan["parts"]) if plan else [],
        "by_part": _by_part(document),
    }


def _bars(document: Document) -> list[dict[str, Any]]:
    bars = []
    for key, label in RESOURCES:
        used, there = document.get(key), document.get(f"{key}_available")
        if used is not None and there:
            share = used / there
            bars.append(
                {
                    "label": label,
                    "text": f"{number(used)} of {number(there)}",
                    "percent": percent(share, 0),
                    "width": min(100.0, round(100 * share, 1)),
                    "over": share > 1,
                }
            )
    return bars


def _clock(document: Document, planned: bool) -> dict[str, Any] | None:
    """The clock asked for against the highest one, on one scale."""
    reached, asked = document.get("fmax_mhz"), document.get("clock_mhz")
    if reached is None or asked is None:
        return None
    full = 1.1 * max(reached, asked)
    return {
        "reached": f"{reached:.1f} MHz " + ("predicted" if planned else "reached"),
        "asked": f"{asked:g} MHz asked for",
        "width": round(100 * reached / full, 1),
        "mark": round(100 * asked / full, 1),
        "met": document.get("meets_timing", reached >= asked),
    }


def _facts(document: Document) -> list[tuple[str, str]]:
    facts = []
    if document.get("ffs") is not None:
        facts.append(("flip-flops", number(document["ffs"])))
    if document.get("ram_registers"):
        facts.append(("register bits inside block RAMs", number(document["ram_registers"])))
    if document.get("dsps"):
        facts.append(("multipliers", number(document["dsps"])))
    if document.get("memory_clock_mhz"):
        reached, asked = document["memory_fmax_mhz"], document["memory_clock_mhz"]
        facts.append(("clock of the memory", f"{reached:.1f} MHz reached, {asked:g} MHz asked for"))
    if document.get("bitstream"):
        facts.append(("bitstream", str(document["bitstream"])))
    if document.get("seconds") is not None:
        facts.append(("time to build", duration(document["seconds"])))
    return facts


def _by_part(document: Document) -> Table | None:
    parts = document.get("luts_by_part")
    if not isinstance(parts, Mapping) or not parts:
        return None
    rows = [[str(name), number(count)] for name, count in sorted(parts.items(), key=lambda item: -item[1])]
    return Table(["part", "look-up tables, predicted"], rows, [1])


def part_colour(name: str) -> str:
    """The page's colour of a part: the same for a layer on every chip and in the drawing."""
    if name.startswith("layer "):
        return f"var(--part-{int(name.removeprefix('layer ')) % 6})"
    return COLOURS.get(name, "var(--rest)")


def _legend(parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    cells = sum(part["cells"] for part in parts)
    return [
        {
            "name": str(part["name"]),
            "colour": part_colour(str(part["name"])),
            "mark": str(part["mark"]),
            "cells": number(part["cells"]),
            "share": percent(part["cells"] / cells) if cells else "-",
            "rams": number(part["rams"]) if part["rams"] else "",
        }
        for part in parts
    ]


def floor_plan_svg(plan: Mapping[str, Any], board: str) -> str:
    """Tiles in the colour of the part that has most of them; RAMs with an edge. Row 0 is below, as the tools count."""
    columns, rows = int(plan["columns"]), int(plan["rows"])
    shapes = "".join(_part_paths(part, plan["tiles"], rows) for part in plan["parts"])
    words = escape(f"Floor plan of {board}: where the parts of the design lie on the chip", quote=True)
    return (
        f'<svg class="floor" viewBox="-1 -1 {columns + 2} {rows + 2}" role="img" aria-label="{words}">'
        f'<rect class="die" x="-.6" y="-.6" width="{columns + 1.2:g}" height="{rows + 1.2:g}" rx="1"/>{shapes}</svg>'
    )


def _part_paths(part: Mapping[str, Any], tiles: Sequence[str], rows: int) -> str:
    """Logic as runs of tiles, RAMs one by one."""
    mark, colour = str(part["mark"]), part_colour(str(part["name"]))
    logic, rams = [], []
    for row, line in enumerate(tiles):
        y, start = rows - 1 - row, None
        for x, tile in enumerate([*line, ""]):
            if tile == mark and start is None:
                start = x
            elif tile != mark and start is not None:
                logic.append(f"M{start} {y}h{x - start}v.92h-{x - start}z")
                start = None
            if tile == mark.upper():
                rams.append(f"M{x}.1 {y}.1h.8v.8h-.8z")
    title = f"<title>{escape(str(part['name']))}</title>"
    group = f'<g class="part" data-mark="{escape(mark, quote=True)}">{title}'
    if logic:
        group += f'<path d="{"".join(logic)}" fill="{colour}"/>'
    if rams:
        group += f'<path class="ram" d="{"".join(rams)}" fill="{colour}"/>'
    return group + "</g>"
