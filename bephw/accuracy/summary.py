"""Figures of a table: mean and standard deviation of every cell, and gains of one column over another."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bephw.accuracy.cells import Cell
from bephw.accuracy.doubts import gathered
from bephw.accuracy.record import Record
from bephw.accuracy.table import Compare, Row, Table
from bephw.errors import BephwError

__all__ = ["accuracy_of", "summary", "timings"]

Runs = dict[tuple[str, str], dict[tuple[int, int | None], float]]  # (row, column): (seed, fold): accuracy


def summary(table: Table, cells: Sequence[Cell], records: Mapping[str, Record]) -> dict[str, Any]:
    """The figures of the runs in `records` (by key), the same whenever the same runs are finished.

    Accuracies are shares (0 to 1), gains are points (percent). A deviation is that of a sample, over all runs of a
    cell; None for fewer than two. `complete` says whether every run of the table is there. Raises `BephwError` where
    a run has no such accuracy as `table.metric`.
    """
    runs = _accuracies(table, cells, records)
    return {
        "command": "accuracy",
        "title": table.title,
        "metric": table.metric,
        "seeds": list(table.seeds),
        "folds": table.folds,
        "complete": all(cell.key in records for cell in cells),
        "rows": [row.name for row in table.rows],
        "columns": [column.name for column in table.columns],
        "cells": [
            {
                "row": row.name,
                "column": column.name,
                **_spread(list(runs[row.name, column.name].values())),
                "published": _share(table.published(column, row)),
                "accuracies": [
                    {"seed": seed, "fold": fold, "accuracy": accuracy}
                    for (seed, fold), accuracy in runs[row.name, column.name].items()
                ],
            }
            for row in table.rows
            for column in table.columns
        ],
        "compare": [_compared(table, compare, runs) for compare in table.compare],
        "warnings": gathered(
            (f"{cell.row}, {cell.column}", records[cell.key].warnings) for cell in cells if cell.key in records
        ),
    }


def accuracy_of(table: Table, cell: Cell, record: Record) -> float:
    """The accuracy that `table.metric` means. Raises `BephwError` where the run has none."""
    accuracy = record.accuracy(table.metric)
    if accuracy is None:
        needs = "test" if table.metric == "last" else "validation"
        raise BephwError(f"metric {table.metric}: {cell.name}: its data have no {needs} samples")
    return accuracy


def timings(cells: Sequence[Cell], records: Mapping[str, Record]) -> dict[str, Any]:
    """Seconds of every finished run, in a document of its own: they differ from time to time."""
    seconds = {cell.name: records[cell.key].seconds for cell in cells if cell.key in records}
    return {"seconds": sum(seconds.values()), "runs": seconds}


def _accuracies(table: Table, cells: Sequence[Cell], records: Mapping[str, Record]) -> Runs:
    runs: Runs = {(row.name, column.name): {} for row in table.rows for column in table.columns}
    for cell in cells:
        if cell.key in records:
            accuracy = accuracy_of(table, cell, records[cell.key])
            runs[cell.row, cell.column][cell.seed, cell.fold] = accuracy
    return runs


def _compared(table: Table, compare: Compare, runs: Runs) -> dict[str, Any]:
    rows = [_gain(table, compare, row, runs) for row in table.rows]
    known = [row["gain"] for row in rows if row["gain"] is not None]
    return {
        "column": compare.column,
        "against": compare.against,
        "gain": statistics.fmean(known) if known else None,
        "published_gain": table.published_mean_gain(compare),
        "better_rows": sum(gain > 0 for gain in known),
        "rows": rows,
    }


def _gain(table: Table, compare: Compare, row: Row, runs: Runs) -> dict[str, Any]:
    """Differences of the runs with equal seed and fold, where both are finished."""
    one, other = runs[row.name, compare.column], runs[row.name, compare.against]
    gains = [100 * (one[run] - other[run]) for run in one if run in other]
    spread = _spread(gains)
    return {
        "row": row.name,
        "n": spread["n"],
        "gain": spread["mean"],
        "std": spread["std"],
        "published_gain": table.published_gain(compare, row),
    }


def _spread(values: Sequence[float]) -> dict[str, Any]:
    return {
        "n": len(values),
        "mean": statistics.fmean(values) if values else None,
        "std": statistics.stdev(values) if len(values) > 1 else None,
    }


def _share(percent: float | None) -> float | None:
    return None if percent is None else round(percent / 100, 8)
