"""The table of what was read: samples, features, classes."""

from __future__ import annotations

from typing import Any

from bephw.cli.terminal import percent, print_table
from bephw.words import counted

__all__ = ["print_data"]

CLASSES_SHOWN = 20


def print_data(data: dict[str, Any]) -> None:
    """Print what `describe_data` found, on stderr as all that is said before there are results."""
    validation = data["validation_samples"]
    parts = [f"{data['train_samples']:,} to train", f"{data['test_samples']:,} held out"]
    if validation is not None:
        parts.insert(1, f"{validation:,} for validation")
    rows: list[tuple[object, ...]] = [("samples", ", ".join(parts)), ("features", _features(data))]
    if data["missing"]:
        rows.append(("missing", f"{counted(data['missing'], 'value')}, filled in"))
    rows.append(("bits", f"{data['inputs']:,} a {'step' if data['steps'] else 'sample'}"))
    rows += [(f"class {row['name']}", _class(row, data)) for row in data["classes"][:CLASSES_SHOWN]]
    if len(data["classes"]) > CLASSES_SHOWN:
        rows.append(("...", f"{counted(len(data['classes']), 'class', 'classes')} in all"))
    print_table((data["name"], ""), rows, err=True)


def _features(data: dict[str, Any]) -> str:
    if data["features"] is None:
        return "-"
    text = f"{data['features']:,}" + (f" in each of {data['steps']:,} steps" if data["steps"] else "")
    constant = data["constant_features"]
    return text + (f", {constant:,} of them constant" if constant else "")


def _class(row: dict[str, Any], data: dict[str, Any]) -> str:
    share = row["train"] / data["train_samples"] if data["train_samples"] else None
    return f"{row['train']:,} to train ({percent(share)}), {row['test']:,} held out"
