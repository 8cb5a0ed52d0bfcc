"""Columns of a table as features: what is missing filled in, words as one bit each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bephw.errors import BephwError, check
from bephw.validation import first_problem

__all__ = ["Column", "Columns"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Column(_Part):
    """One column.

    Attributes:
        name: as the file has it, else its number from 0.
        categories: the words that it may hold, each once; None stands for a missing one. None for a column of numbers.
        fill: the number that stands for a missing one; None where none may be missing.
    """

    name: str
    categories: tuple[str | None, ...] | None = None
    fill: float | None = None

    @model_validator(mode="after")
    def _words_or_numbers(self) -> Self:
        words = self.categories
        if words is not None and not (words and len(set(words)) == len(words)):
            raise ValueError("categories must be different words, at least one")
        if words is not None and self.fill is not None:
            raise ValueError("fill must be left out where there are categories")
        return self

    @property
    def shown(self) -> tuple[str | None, ...] | None:
        """The categories that have a feature: of two the second is enough."""
        return self.categories[1:] if self.categories and len(self.categories) == 2 else self.categories

    @property
    def features(self) -> list[str]:
        """Names of its features."""
        if self.shown is None:
            return [self.name]
        return [f"{self.name} = {'(missing)' if word is None else word}" for word in self.shown]


class Columns(_Part):
    """The columns of a table, without those of labels and those that are left out.

    As a reader gives them, categories are all words of the file; as `fit` gives them, those of the training samples.

    Attributes:
        columns: in the order of the training file.
        named: whether names are the file's own; else a column is known by its place.
        label: the column of labels; None where there is none.
        width: columns of the file, with those of labels and those that are left out.
    """

    columns: tuple[Column, ...] = Field(min_length=1)
    named: bool = True
    label: str | None = None
    width: int = Field(ge=1)

    @model_validator(mode="after")
    def _every_column_once(self) -> Self:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError("columns must have different names")
        if self.label in names:
            raise ValueError(f"label {self.label} must not be one of the columns")
        return self

    @classmethod
    def of_numbers(cls, names: Sequence[str], *, named: bool, label: str | None = None) -> Self:
        """Columns that hold numbers, and labels in one more column after them."""
        return cls(columns=tuple(Column(name=name) for name in names), named=named, label=label, width=len(names) + 1)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, in order."""
        return tuple(name for column in self.columns for name in column.features)

    def fit(self, values: NDArray[np.float64], source: str, missing: Literal["median"] | None) -> Self:
        """The same columns with the categories and medians of training samples `values` (.., columns).

        Raises `BephwError` for a column without any value there.
        """
        rows = values.reshape(-1, values.shape[-1])
        fitted = []
        for column, found in zip(self.columns, rows.T, strict=True):
            there = found[~np.isnan(found)]
            check(len(there) > 0, f"{source}: column {column.name!r} has no value in any training sample: leave it out")
            if column.categories is None:
                with np.errstate(over="ignore"):
                    fill = float(np.median(there)) if missing else None
                whole = fill is None or math.isfinite(fill)
                check(whole, f"{source}: column {column.name!r} must hold smaller numbers: their median overflows")
                fitted.append(column.model_copy(update={"fill": fill}))
                continue
            words: tuple[str | None, ...] = tuple(column.categories[int(place)] for place in np.unique(there))
            words += (None,) if len(there) < len(found) else ()
            fitted.append(column.model_copy(update={"categories": words}))
        return self.model_copy(update={"columns": tuple(fitted)})

    def transform(self, values: NDArray[np.float64], read: Columns) -> NDArray[np.float64]:
        """Features (.., features) of `values` (.., columns), whose words are numbered as in `read.columns`.

        What is missing becomes the fill; words that are not among the categories have no bit.
        """
        if all(column.categories is None for column in self.columns):
            fills = np.array([np.nan if column.fill is None else column.fill for column in self.columns])
            return np.where(np.isnan(values), fills, values)
        found: list[NDArray[Any]] = []
        for at, (column, as_read) in enumerate(zip(self.columns, read.columns, strict=True)):
            cells = values[..., at]
            if column.shown is None:
                fill = np.nan if column.fill is None else column.fill
                found.append(np.where(np.isnan(cells), fill, cells))
                continue
            numbers = {word: number for number, word in enumerate(as_read.categories or ())}
            for word in column.shown:
                found.append(np.isnan(cells) if word is None else cells == numbers.get(word, -1))
        return np.stack(found, axis=-1).astype(np.float64)

    def joined(
        self, values: NDArray[np.float64], other: Columns, others: NDArray[np.float64]
    ) -> tuple[Self, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Columns with the words of both, and the values (.., columns) of both numbered so."""
        values, others, joined = values.copy(), others.copy(), []
        for at, (column, second) in enumerate(zip(self.columns, other.columns, strict=True)):
            if column.categories is not None:
                words = tuple(sorted({*column.categories, *(second.categories or ())}, key=str))
                for cells, before in ((values[..., at], column), (others[..., at], second)):
                    numbers = np.array([words.index(word) for word in before.categories or ()], np.float64)
                    there = ~np.isnan(cells)
                    cells[there] = numbers[cells[there].astype(np.int64)]
                column = column.model_copy(update={"categories": words})
            joined.append(column)
        return self.model_copy(update={"columns": tuple(joined)}), (values, others)

    @classmethod
    def from_json(cls, text: str, source: str) -> Self:
        """Inverse of `model_dump_json`. Raises `BephwError` naming `source`."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise BephwError(f"{source}: columns: {first_problem(cls, error)}") from None
