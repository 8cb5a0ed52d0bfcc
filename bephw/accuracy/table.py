"""A table of accuracies to measure: rows, columns, seeds, folds; read from a TOML file, validated once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, StrictInt, model_validator

from bephw.accuracy.changes import paths
from bephw.accuracy.documents import Part, entries, rule, validated
from bephw.errors import BephwError
from bephw.texts import read_toml
from bephw.words import counted

__all__ = ["Column", "Compare", "Row", "Table", "read_table"]

Published = Any  # Numbers, one a row, or a table {row name = number}: checked by `_numbers`, which words it better.
Name = Annotated[str, Field(min_length=1)]


class Row(Part):
    """One line of the table; `changes` (in the file: `set`) are to settings by their dotted names."""

    name: Name
    changes: dict[str, Any] = Field(default={}, alias="set")


class Column(Row):
    """One column; its changes win over the row's.

    `rows`: changes to single rows of the column, by the row's name; they win over all others.
    `published`: accuracies in percent, to be shown beside.
    """

    rows: dict[str, dict[str, Any]] = {}
    published: Published = None


class Compare(Part):
    """Gain of `column` over `against` in points; `published_gain` a row, or one number: the mean over the rows."""

    column: Name
    against: Name
    published_gain: Published = None


class Table(Part):
    """Every (row, column, seed, and fold where there are any) is one training run.

    Attributes:
        title: for the pages.
        seeds: each becomes `learning.seed`, and with `seed_data` also `data.seed`.
        folds: every run is done on folds 0 to folds - 1 (`data.folds`, `data.fold`).
        metric: test accuracy after the "last" epoch, or after the (first) epoch of "best_validation" accuracy.
        settings: content of a settings file, common to all runs; may be incomplete, as rows and columns add to it.
    """

    title: str
    seeds: tuple[StrictInt, ...] = Field(min_length=1)
    seed_data: StrictBool = False
    folds: StrictInt | None = Field(default=None, ge=2)
    metric: Literal["last", "best_validation"] = "last"
    settings: dict[str, Any] = {}
    rows: tuple[Row, ...] = Field(min_length=1)
    columns: tuple[Column, ...] = Field(min_length=1)
    compare: tuple[Compare, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for name, values in (
            ("seeds", self.seeds),
            ("rows", [row.name for row in self.rows]),
            ("columns", [column.name for column in self.columns]),
        ):
            twice = [value for index, value in enumerate(values) if value in values[:index]]
            rule(not twice, f"{name} must differ from each other, not have {twice[:1]} twice")
        self._check_reserved()
        rows, columns = [row.name for row in self.rows], [column.name for column in self.columns]
        for index, column in enumerate(self.columns):
            _check_published(f"columns[{index}].published", column.published, rows)
            for name in column.rows:
                rule(name in rows, f"columns[{index}].rows must name rows ({', '.join(rows)}), not {name!r}")
        for index, compare in enumerate(self.compare):
            for name in ("column", "against"):
                value = getattr(compare, name)
                rule(value in columns, f"compare[{index}].{name} must be one of {', '.join(columns)}, not {value!r}")
            if not _is_number(compare.published_gain):
                _check_published(f"compare[{index}].published_gain", compare.published_gain, rows)
        return self

    def _check_reserved(self) -> None:
        """What seeds and folds set, nothing else may."""
        reserved = {"learning.seed": "seeds"}
        if self.seed_data:
            reserved["data.seed"] = "seeds, with seed_data = true,"
        if self.folds is not None:
            reserved |= {"data.folds": "folds", "data.fold": "folds"}
        places = [("settings", self.settings)]
        for name, lines in (("rows", self.rows), ("columns", self.columns)):
            places += [(f"{name}[{index}].set", line.changes) for index, line in enumerate(lines)]
        for index, column in enumerate(self.columns):
            places += [(f"columns[{index}].rows[{name!r}]", changes) for name, changes in column.rows.items()]
        for place, changes in places:
            for dotted, _ in paths(changes):
                rule(
                    dotted not in reserved,
                    f"{place}: {dotted} must be left out: {reserved.get(dotted)} of the table set it",
                )

    def published(self, column: Column, row: Row) -> float | None:
        """Published accuracy in percent, or None."""
        return self._figure(column.published, row)

    def published_gain(self, compare: Compare, row: Row) -> float | None:
        """Published gain of one row in points, or None."""
        return None if _is_number(compare.published_gain) else self._figure(compare.published_gain, row)

    def published_mean_gain(self, compare: Compare) -> float | None:
        """Published mean gain in points: given as one number, or the mean where every row has one."""
        if _is_number(compare.published_gain):
            return float(compare.published_gain)
        gains = [self.published_gain(compare, row) for row in self.rows]
        known = [gain for gain in gains if gain is not None]
        return math.fsum(known) / len(known) if len(known) == len(gains) else None

    def _figure(self, published: Published, row: Row) -> float | None:
        if isinstance(published, dict):
            value = published.get(row.name)
        else:
            value = published[self.rows.index(row)] if published else None
        return None if value is None else float(value)


def read_table(path: Path) -> Table:
    """The table of a TOML file; its title is the file's name where it has none. Raises `BephwError`."""
    source = f"table {path}"
    content = read_toml(path, "table")
    content.setdefault("title", path.stem)
    for name, model in (("rows", Row), ("columns", Column), ("compare", Compare)):
        if name in content:
            content[name] = entries(model, content, name, source)
    if not isinstance(content.get("settings", {}), dict):
        raise BephwError(f"{source}: settings: must be a table, not {content['settings']!r}")
    return validated(Table, content, source)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_published(place: str, published: Published, rows: Sequence[str]) -> None:
    if published is None:
        return
    rule(isinstance(published, dict | list | tuple), f"{place} must be a list or a table, not {published!r}")
    if isinstance(published, dict):
        for name in published:
            rule(name in rows, f"{place} must name rows ({', '.join(rows)}), not {name!r}")
        named = [(f"[{name!r}]", value) for name, value in published.items()]
    else:
        rule(
            len(published) == len(rows),
            f"{place} must have {counted(len(rows), 'number')}, one a row, not {len(published)}",
        )
        named = [(f"[{index}]", value) for index, value in enumerate(published)]
    for name, value in named:
        rule(_is_number(value), f"{place}{name} must be a number, not {value!r}")
