"""The rows as tables in Markdown, a section after the other, each with the commands that measure it."""

from __future__ import annotations

import re
from dataclasses import replace

from rows import PROGRAMS, SPEED, Row

__all__ = ["markdown"]

SECTIONS = (
    *(SPEED, "Training: cycles", "Training: clock and area", PROGRAMS, "Inference alone", "XNOR-popcount array"),
    "Tools",
)
GOLDEN = "CPU, one core: golden model"


def markdown(rows: list[Row], commit: str = "") -> str:
    """All sections that have a row; one that was measured at another commit than `commit` says so."""
    rows = [_dated(row, commit) for row in rows]
    parts = []
    for title in SECTIONS:
        own = [row for row in rows if row.section == title]
        if own:
            table = _speeds(own) if title == SPEED else _pivot(own)
            commands = dict.fromkeys(part for row in own for part in row.command.split("; "))
            parts.append("\n".join([f"## {title}", "", *table, "", "```bash", *commands, "```"]))
    return "\n\n".join(parts)


def _dated(row: Row, commit: str) -> Row:
    """With the commit in the name of its line, unless that is the one of most."""
    if row.commit in ("", commit):
        return row
    line = "quantity" if row.section == SPEED else "subject"
    return replace(row, **{line: f"{getattr(row, line)} ({row.commit})"})


def _speeds(rows: list[Row]) -> list[str]:
    """Hardware and CPU side by side: a line for each way to train a network, the fastest first."""
    lines = [
        "| network | where | fresh | trained | goal | times the golden model |",
        "|---|---|---:|---:|---|---:|",
    ]
    networks: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        networks.setdefault(row.subject, {}).setdefault(row.quantity, []).append(row)
    for network in sorted(networks, key=_numbers_by_value):
        places = networks[network]
        golden = next((found[0].value for where, found in places.items() if _is_golden(where)), None)
        for where, found in sorted(places.items(), key=lambda item: -_slowest(item[1])):
            # A CPU's figure is the median of epochs, neither fresh nor trained.
            cells = [_value(found[0]), _value(found[-1])] if len(found) > 1 else [_value(found[0]), ""]
            times = f"{_slowest(found) / golden:.2g}" if golden else ""
            lines.append(f"| {network} | {where} | {' | '.join(cells)} | {_goal(found[0])} | {times} |")
    return lines


def _is_golden(where: str) -> bool:
    return re.fullmatch(rf"{re.escape(GOLDEN)}( \(\w+\+?\))?", where) is not None


def _slowest(rows: list[Row]) -> float:
    return min(row.value or 0 for row in rows)


def _pivot(rows: list[Row]) -> list[str]:
    """A line for each subject, a column for each quantity; fresh and trained in one cell."""
    subjects, quantities = (list(dict.fromkeys(getattr(row, key) for row in rows)) for key in ("subject", "quantity"))
    subjects.sort(key=_numbers_by_value)
    goals = {
        quantity: found.pop()
        for quantity in quantities
        if len(found := {_goal(row) for row in rows if row.quantity == quantity}) == 1
    }
    states = " (fresh / trained)" if any(row.state for row in rows) else ""
    heads = [quantity + (f"; {goals[quantity]}" if goals.get(quantity) else "") for quantity in quantities]
    lines = [f"| {' | '.join([f'what{states}', *heads])} |", "|---|" + "---:|" * len(quantities)]
    for subject in subjects:
        cells = []
        for quantity in quantities:
            own = [row for row in rows if (row.subject, row.quantity) == (subject, quantity)]
            cell = " / ".join(map(_value, own))
            if own and own[0].unit and not own[0].unit.endswith("a lane"):
                cell += f" {own[0].unit}"
            if own and quantity not in goals and _goal(own[0]):
                cell += f" ({_goal(own[0])})"
            cells.append(cell)
        lines.append(f"| {' | '.join([subject, *cells])} |")
    return lines


def _numbers_by_value(text: str) -> list[tuple[str, int]]:
    """Sorts 64 lanes before 512."""
    return [(word, int(number or 0)) for word, number in re.findall(r"(\D+|^)(\d*)", text)]


def _value(row: Row) -> str:
    """Bold where it falls short of the minimum."""
    text = "none" if row.value is None else _number(row.value)
    return f"**{text}**" if row.missed else text


def _number(value: float) -> str:
    """Without decimals from 1,000 on."""
    return f"{round(value):,}" if abs(value) >= 1000 else f"{round(value, 3):g}"


def _goal(row: Row) -> str:
    """The minimum and the aim."""
    parts = [] if row.minimum is None else [f"{'at most' if row.lower else 'at least'} {_number(row.minimum)}"]
    return ", ".join(parts + ([] if row.aim is None else [f"aim {_number(row.aim)}"]))
