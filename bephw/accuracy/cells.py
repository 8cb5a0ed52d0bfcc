"""The training runs of a table, and the key that a run's result is kept under."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bephw.accuracy.changes import settings_of
from bephw.accuracy.table import Table
from bephw.settings import Settings

__all__ = ["Cell", "cells", "deciding", "first_change", "key_of"]


@dataclass(frozen=True)
class Cell:
    """One run: where it stands in the table, and its settings."""

    row: str
    column: str
    seed: int
    fold: int | None
    settings: Settings

    @property
    def name(self) -> str:
        """Its place in words, unique in a table."""
        fold = "" if self.fold is None else f", fold {self.fold}"
        return f"{self.row}, {self.column}, seed {self.seed}{fold}"

    @cached_property
    def key(self) -> str:
        """See `key_of`."""
        return key_of(self.settings)


def cells(table: Table, source: str = "table") -> list[Cell]:
    """All runs, in the order in which they are best done: all rows and columns with the first seed, then the next.

    Raises `BephwError` that names the run where its settings are not valid.
    """
    found = []
    for seed in table.seeds:
        for fold in (None,) if table.folds is None else range(table.folds):
            last: dict[str, Any] = {"learning.seed": seed}
            if table.seed_data:
                last["data.seed"] = seed
            if fold is not None:
                last |= {"data.folds": table.folds, "data.fold": fold}
            for row in table.rows:
                for column in table.columns:
                    place = f"{source}: row {row.name}, column {column.name}"
                    alone = column.rows.get(row.name, {})
                    settings = settings_of(place, table.settings, row.changes, column.changes, alone, last)
                    found.append(Cell(row.name, column.name, seed, fold, settings))
    return found


def _deciding_parts(settings: Settings) -> set[str]:
    """The parts that decide what a run gives; hardware and board do not."""
    own = {"ste": "baseline", "logic": "logic", "gnet": "gnet"}.get(settings.learning.algorithm)
    return {"network", "learning", "data", *([own] if own else [])}


def deciding(settings: Settings) -> dict[str, Any]:
    """What decides a run's result, defaults written out, as JSON has it."""
    return settings.model_dump(mode="json", include=_deciding_parts(settings))


def key_of(settings: Settings) -> str:
    """A hash of what decides a run's result.

    Defaults are left out: a new key in a later version of the settings does not make finished results
    unfindable. What a default was is in the result's own file, and is compared (`first_change`).
    """
    content = settings.model_dump(mode="json", include=_deciding_parts(settings), exclude_defaults=True)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]


def first_change(before: Any, now: Any, *, ignore_new: bool = False, name: str = "") -> str:
    """The first difference as "field was before, and is now", or an empty string.

    With `ignore_new`, fields that `before` does not know are no difference.
    """
    if not (isinstance(before, dict) and isinstance(now, dict)):
        return "" if before == now else f"{name} was {_shown(before)}, and is now {_shown(now)}"
    for key in dict.fromkeys((*now, *before)):
        if key not in before and ignore_new:
            continue
        inner = f"{name}.{key}".removeprefix(".")
        change = first_change(before.get(key), now.get(key), ignore_new=ignore_new, name=inner)
        if change:
            return change
    return ""


def _shown(value: Any) -> str:
    return "not set" if value is None else json.dumps(value)
