"""Tables as text files: read with pandas, every cell a number or a word."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bephw.data.columns import Column, Columns
from bephw.data.labels import first_bad_label, is_number
from bephw.data.layout import MISSING, Layout, find_layout, read_text
from bephw.errors import BephwError, check
from bephw.settings import Data

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Table", "read_table"]

FEW_WORDS = 20  # So many different words may be categories in any table.
NAMES_SHOWN = 20


@dataclass(frozen=True, eq=False)
class Table:
    """What a file holds.

    Attributes:
        columns: those of features, in the order of the file that was read first.
        values: float64 (rows, columns): numbers, or the place of a word among its column's categories; NaN where the
            value is missing.
        labels: as written; None where the file has none.
        lines: int64 (rows,), the line of each row.
        warnings: what is not wrong, but may not be meant.
    """

    columns: Columns
    values: NDArray[np.float64]
    labels: list[str] | None
    lines: NDArray[np.int64]
    warnings: tuple[str, ...] = ()


def read_table(path: str, data: Data, like: Columns | None = None, *, labels: bool = True) -> Table:
    """The table in the file `path`, as `data` says that it is written.

    `like`: the columns of the table that was read first: these are taken, by name in any order, or where they have no
    names by place, each as numbers or words as it was there; other columns are ignored. `labels`: whether the column of
    labels must be there. Raises `BephwError` naming line and column.
    """
    text = read_text(path, data.charset, data.comment)
    first = like is None or (not like.named and data.name != "csv")  # The one that says whether there are names.
    header = data.header if first else like is not None and like.named
    layout = find_layout(text, path, data, header=header)
    reading = _Reading(path, data, text, layout)
    return reading.first() if like is None else reading.again(like, labels)


class _Reading:
    """One file: its columns by number, and what is wrong in them by line and name."""

    def __init__(self, path: str, data: Data, text: str, layout: Layout) -> None:
        self.path, self.data, self.layout = path, data, layout
        self.names = layout.names or tuple(map(str, range(layout.width)))
        self._text = text

    # -- which columns --------------------------------------------------------------------------

    def first(self) -> Table:
        """The file that says which columns there are."""
        data, width = self.data, self.layout.width
        label = self._place("label", width - 1 if data.label is None else data.label)
        ignored = [self._place("ignore", name) for name in data.ignore]
        categorical = [self._place("categorical", name) for name in data.categorical]
        check(label not in ignored, f"data.ignore: column {self.names[label]!r} is that of the labels")
        places = [place for place in range(width) if place != label and place not in ignored]
        check(len(places) > 0, f"{self.path}: holds no column besides the labels (separator {self.layout.separator!r})")
        values, words = self._values(places, [True if place in categorical else None for place in places])
        columns = Columns(
            columns=tuple(
                Column(name=self.names[place], categories=found) for place, found in zip(places, words, strict=True)
            ),
            named=self.layout.names is not None,
            label=self.names[label],
            width=width,
        )
        found = self._labels(label) or []
        different = len(set(found))
        check(
            different < len(found) or different <= FEW_WORDS,
            f"{self.path}: column {self.names[label]!r} has another label in each of its {different} rows: "
            f"data.label names the column of the labels",
        )
        return Table(columns, values, found, self.layout.lines, tuple(self._counters(columns, values)))

    def again(self, like: Columns, labels: bool) -> Table:
        """Another file with the same columns."""
        places, label = self._places_of(like)
        check(label is not None or not labels, f"{self.path}: the column {like.label!r} of the labels is missing")
        kinds = [column.categories is not None for column in like.columns]
        values, words = self._values(places, list(kinds))
        read = tuple(
            column.model_copy(update={"categories": found}) for column, found in zip(like.columns, words, strict=True)
        )
        columns = like.model_copy(update={"columns": read})
        found = None if label is None else self._labels(label, required=labels)
        return Table(columns, values, found, self.layout.lines)

    def _place(self, field: str, name: int | str) -> int:
        """The number of the column that the settings name."""
        width = self.layout.width
        if isinstance(name, int):
            check(
                -width <= name < width,
                f"data.{field}: must be {-width} to {width - 1} ({self.path} has {width} columns), not {name}",
            )
            return name % width
        if name in self.names and self.layout.names is not None:
            return self.names.index(name)
        if self.layout.names is None:
            rule = f"{self.path} has no header: give the column's number, -{width} to {width - 1}"
            raise BephwError(f"data.{field}: {rule}, not {name!r}")
        raise BephwError(f"data.{field}: {self.path} has no column {name!r}; it has {_listed(self.names)}")

    def _places_of(self, like: Columns) -> tuple[list[int], int | None]:
        wanted = [column.name for column in like.columns]
        if like.named:
            there = {name: place for place, name in enumerate(self.names)}
            lacking = [name for name in wanted if name not in there]
            check(not lacking, f"{self.path}: has no column {_listed(lacking)}; it has {_listed(self.names)}")
            return [there[name] for name in wanted], there.get(like.label or "")
        width = self.layout.width
        label = None if like.label is None else int(like.label)
        shorter = like.width - 1
        allowed = f"{like.width}, or {shorter} without labels," if label is not None else str(shorter)
        check(
            width == shorter or (width == like.width and label is not None),
            f"{self.path}: must have {allowed} columns as the training samples, not {width}",
        )
        if label is None or width == like.width:
            return [int(name) for name in wanted], label
        return [int(name) - (int(name) > label) for name in wanted], None

    # -- cells ----------------------------------------------------------------------------------

    def _frame(self, **options: Any) -> DataFrame:
        import pandas as pd

        separator, data = self.layout.separator, self.data
        plain = (len(separator) == 1 and separator.isascii()) or separator == r"\s+"  # pandas' faster engine
        try:
            frame = pd.read_csv(
                io.StringIO(self._text, newline=""),
                sep=separator,
                engine="c" if plain else "python",
                header=None if self.layout.names is None else 0,
                index_col=False,
                skipinitialspace=True,
                keep_default_na=False,
                na_values=list(MISSING),
                decimal=data.decimal,
                thousands=data.thousands,
                **({"low_memory": False, "float_precision": "round_trip"} if plain else {}),
                **options,
            )
        except (ValueError, OverflowError, pd.errors.ParserError) as error:
            raise BephwError(f"{self.path}: cannot be read: {str(error).splitlines()[0]}") from error
        rows = len(self.layout.lines)
        check(len(frame) == rows, f"{self.path}: has {rows} rows, but pandas finds {len(frame)}: look at its quotes")
        return frame

    def _words(self, places: Sequence[int]) -> dict[int, list[str | None]]:
        """Columns as they are written, blanks around the words aside; missing cells are None."""
        if not places:
            return {}
        order = sorted(places)
        frame = self._frame(usecols=order, dtype=str)
        return {
            place: [word.strip() if isinstance(word, str) else None for word in frame.iloc[:, at].tolist()]
            for at, place in enumerate(order)
        }

    def _values(
        self, places: Sequence[int], categorical: Sequence[bool | None]
    ) -> tuple[NDArray[np.float64], list[tuple[str, ...] | None]]:
        """Values (rows, columns), and the words of columns that hold words.

        `categorical`: whether a column must hold words (True) or numbers (False); None looks.
        """
        frame = self._frame()
        numbers = {place for place in places if frame.iloc[:, place].dtype.kind in "iuf"}
        kinds = dict(zip(places, categorical, strict=True))
        written = self._words([place for place in places if kinds[place] or place not in numbers])
        values = np.empty((len(frame), len(places)))
        vocabularies: list[tuple[str, ...] | None] = []
        for at, place in enumerate(places):
            vocabulary = None
            if place not in written:
                values[:, at] = frame.iloc[:, place].to_numpy(np.float64)
            elif self._are_numbers(place, written[place], kinds[place]):
                values[:, at] = [np.nan if word is None else self._number(word) for word in written[place]]
            else:
                vocabulary = tuple(sorted({word for word in written[place] if word is not None}))
                number = {word: float(n) for n, word in enumerate(vocabulary)}
                values[:, at] = [np.nan if word is None else number[word] for word in written[place]]
            vocabularies.append(vocabulary)
        self._check_cells(places, values)
        return values, vocabularies

    def _number(self, word: str) -> float | None:
        """The number that a word is, signs as the settings say; None where it is none."""
        plain = word.replace(self.data.thousands, "") if self.data.thousands else word
        plain = plain.replace(self.data.decimal, ".")
        return float(plain) if is_number(plain) else None

    def _at(self, row: int, place: int) -> str:
        return f"{self.path}: line {self.layout.lines[row]}: column {self.names[place]!r}"

    def _check_cells(self, places: Sequence[int], values: NDArray[np.float64]) -> None:
        infinite = np.argwhere(np.isinf(values))
        if len(infinite):
            row, at = infinite[0]
            raise BephwError(f"{self._at(row, places[at])} must be a finite number, not infinity")
        missing = np.argwhere(np.isnan(values))
        if len(missing) and self.data.missing is None:
            row, at = missing[0]
            more = f" (the first of {len(missing)} such cells)" if len(missing) > 1 else ""
            raise BephwError(
                f'{self._at(row, places[at])} has no value{more}: data.missing = "median" fills them '
                f"from the training samples"
            )

    def _are_numbers(self, place: int, written: list[str | None], categorical: bool | None) -> bool:
        """Whether a column that pandas does not take for numbers holds numbers after all.

        Raises `BephwError` where it is neither that nor, as `categorical` asks, a column of categories.
        """
        if categorical:
            return False
        there = [word for word in written if word is not None]
        row = next((row for row, word in enumerate(written) if word is not None and self._number(word) is None), None)
        if row is None:
            return True
        if categorical is False:
            rule = "must be a number, as in the training samples"
            raise BephwError(f"{self._at(row, place)} {rule}, not {_cut(written[row])}")
        self._check_decimals(place, there)
        numbers = sum(self._number(word) is not None for word in there)
        check(
            numbers == 0,
            f"{self._at(row, place)} holds {_cut(written[row])}, but {numbers} other cells of it are numbers: "
            f"correct it, or take the column as words: data.categorical = [{self._named(place)}]",
        )
        self._check_categories(place, there)
        return False

    def _check_categories(self, place: int, there: list[str]) -> None:
        """Raise `BephwError` where the words differ too much to be categories."""
        different = len(set(there))
        if different > max(FEW_WORDS, len(there) / 2):
            what = "dates" if _are_dates(there) else f"{different} different words in {len(there)} rows"
            raise BephwError(
                f"{self.path}: column {self.names[place]!r} holds {what}, such as {_cut(there[0])}: leave it out: "
                f"data.ignore = [{self._named(place)}], or take it as words: data.categorical = [{self._named(place)}]"
            )

    def _check_decimals(self, place: int, there: list[str]) -> None:
        """Raise `BephwError` where all are numbers but for a comma or a point too many."""
        decimal, other = self.data.decimal, "," if self.data.decimal == "." else "."
        with_other = [word for word in there if other in word]
        if with_other and all(is_number(word.replace(other, "")) for word in there):
            ways = f"data.thousands = {other!r}" if self.data.thousands is None else "no such signs"
            raise BephwError(
                f"{self.path}: column {self.names[place]!r} holds numbers such as {_cut(with_other[0])}: give "
                f"data.decimal = {other!r} or {ways}, whichever it is (data.decimal is {decimal!r})"
            )

    def _named(self, place: int) -> str:
        """The column as the settings would name it."""
        return str(place) if self.layout.names is None else f'"{self.names[place]}"'

    # -- labels ---------------------------------------------------------------------------------

    def _labels(self, place: int, *, required: bool = True) -> list[str] | None:
        """The labels; None where none is there and none is `required`."""
        written = ["" if word is None else word for word in self._words([place])[place]]
        if not (required or any(written)):
            return None
        numeric = all(map(is_number, filter(None, written)))
        bad = first_bad_label(written, numeric=numeric)
        if bad is not None:
            which = "" if self.data.label is not None else " (the last column: data.label names another)"
            raise BephwError(f"{self._at(bad[0], place)} is the label and {bad[1]}{which}")
        return written

    def _counters(self, columns: Columns, values: NDArray[np.float64]) -> list[str]:
        """Warnings for columns that only count the rows."""
        if len(values) <= FEW_WORDS:
            return []
        return [
            f"{self.path}: column {column.name!r} counts the rows: data.ignore leaves it out"
            for column, found in zip(columns.columns, values.T, strict=True)
            if column.categories is None and bool((np.diff(found) == 1).all())
        ]


def _are_dates(words: Sequence[str]) -> bool:
    import pandas as pd

    return bool(pd.to_datetime(list(words), format="mixed", errors="coerce", utc=True).notna().all())


def _cut(word: str | None) -> str:
    word = word or ""
    return repr(word if len(word) <= 40 else word[:37] + "...")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:NAMES_SHOWN]))
    return shown + (f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else "")
