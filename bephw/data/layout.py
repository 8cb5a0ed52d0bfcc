"""How a table lies in a text file: its separator, its header, and which lines hold rows."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bephw.data.labels import is_number
from bephw.errors import BephwError, check
from bephw.settings import Data

__all__ = ["MISSING", "Layout", "find_layout", "read_text"]

BLANKS = r"\s+"
# Where two split the lines alike, the first: a comma may be a decimal sign.
SEPARATORS = ("\t", ";", "|", ",", BLANKS)
LOOKED_AT = 50  # Lines that tell the separator.
# What pandas takes for missing, and "?" of the UCI repository; but not "None", which is a word in many tables.
MISSING = (
    *("", "?", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A"),
    *("NA", "NULL", "NaN", "n/a", "nan", "null"),
)
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, eq=False)
class Layout:
    """Where things are in a text.

    Attributes:
        separator: a character, or a regular expression.
        names: of the columns, in the header; None where there is no header.
        width: columns.
        lines: int64 (rows,), the line of the file on which each row ends, from 1; the header aside.
    """

    separator: str
    names: tuple[str, ...] | None
    width: int
    lines: NDArray[np.int64]


def read_text(path: str, charset: str | None, comment: str | None) -> str:
    """The text of a file, unpacked where its name says that it is packed, in the ways that pandas knows.

    Lines that begin with `comment` become empty. Raises `BephwError`, also where pandas is missing.
    """
    try:
        from pandas.io.common import get_handle  # What pd.read_csv itself opens files with.
    except ImportError as error:
        raise BephwError("tables (csv) need pandas: install it with pip install 'bephw[data]'") from error
    place = Path(path).expanduser()
    check(not place.is_dir(), f"{path}: is a folder, not a file")
    check(place.exists(), f"{path}: cannot be read: No such file or directory (paths start in the folder you are in)")
    try:
        with get_handle(str(place), "rb", compression="infer", is_text=False) as handles:
            content = bytes(handles.handle.read())
    except OSError as error:
        raise BephwError(f"{path}: cannot be read: {error.strerror or error}") from error
    except Exception as error:
        # A damaged archive may fail in any of half a dozen libraries, each with errors of its own.
        raise BephwError(f"{path}: cannot be unpacked: {error or type(error).__name__}") from error
    if charset is None:
        charset = "utf-16" if content.startswith(UTF_16) else "utf-8-sig"
    try:
        text = content.decode(charset)
    except LookupError as error:
        raise BephwError(f"data.charset: must be one that Python knows, such as latin-1, not {charset!r}") from error
    except UnicodeError as error:
        at = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        wanted = "UTF-8" if charset == "utf-8-sig" else charset
        raise BephwError(f"{path}: line {at}: is not {wanted} text: give its data.charset, such as latin-1") from error
    check("\0" not in text, f"{path}: is not a text file: it holds zero bytes")
    if comment is None:
        return text
    lines = text.splitlines(keepends=True)
    return "".join("\n" if line.lstrip().startswith(comment) else line for line in lines)


def find_layout(text: str, path: str, data: Data, *, header: bool | None) -> Layout:
    """The layout of `text`, with the separator of `data` or the one that splits most lines alike.

    `header`: whether the first line holds names; None looks: it does where no cell of it is a number, or one of them is
    the name that `data.label` says. Raises `BephwError` where there is no row, or one of another width, and where the
    first line may be either.
    """
    separator = data.separator or _separator(text, data.decimal)
    rows = _rows(text, path, separator)
    first = next(rows, None)
    if first is None:
        raise BephwError(f"{path}: is empty")
    at, cells = first
    cells = [cell.strip() for cell in cells]
    if header is None:
        header = data.label in cells or not any(is_number(cell) for cell in cells)
        check(
            header or not _may_be_names(cells, islice(_rows(text, path, separator), 1, LOOKED_AT)),
            f"{path}: line {at}: may hold names or a sample: give data.header, true or false",
        )
    lines = [] if header else [at]
    for line, fields in rows:
        check(
            len(fields) == len(cells),
            f"{path}: line {line}: must have {len(cells)} columns, as line {at} (separator {separator!r}), "
            f"not {len(fields)}",
        )
        lines.append(line)
    check(len(lines) > 0, f"{path}: holds no samples, only a header" if header else f"{path}: holds no samples")
    names = _names(cells, path, at) if header else None
    return Layout(separator, names, len(cells), np.array(lines, np.int64))


def _may_be_names(cells: list[str], rows: Iterator[tuple[int, list[str]]]) -> bool:
    """Whether a cell of the first line is a word, and the first lines below it hold only numbers there."""
    below = [fields for _, fields in rows]
    words = [place for place, cell in enumerate(cells) if cell not in MISSING and not is_number(cell)]
    return bool(below) and any(
        all(place < len(fields) and is_number(fields[place].strip()) for fields in below) for place in words
    )


def _names(cells: list[str], path: str, line: int) -> tuple[str, ...]:
    names = tuple(cell or f"Unnamed: {number}" for number, cell in enumerate(cells))
    twice = [name for name, count in Counter(names).items() if count > 1]
    check(
        not twice,
        f"{path}: line {line}: two columns have the name {(twice or [''])[0]!r} "
        f"(data.header = false where this line is a sample)",
    )
    return names


def _rows(text: str, path: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The number of the last line of every row that is not blank, and its cells."""
    if separator != BLANKS and len(separator) > 1:
        try:
            pattern = re.compile(separator)
        except re.error as error:
            raise BephwError(f"data.separator: must be a regular expression, not {separator!r}: {error}") from error
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield number, pattern.split(line.strip())
        return
    blanks = separator in (BLANKS, " ")
    lines = (line.strip() + "\n" for line in io.StringIO(text)) if blanks else io.StringIO(text, newline="")
    if separator == BLANKS:
        lines = (line.replace("\t", " ") for line in lines)
    reader = csv.reader(lines, delimiter=" " if blanks else separator, skipinitialspace=True, strict=True)
    after = 0
    try:
        for cells in reader:
            after = reader.line_num
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield after, cells
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise BephwError(f"{path}: line {after + 1}: a quote is opened and never closed") from error
        raise BephwError(f"{path}: line {reader.line_num}: cannot be read: {error}") from error


def _separator(text: str, decimal: str) -> str:
    """The one that splits the most of the first lines into equally many cells, at least 2; of those, into the most."""
    best, found = (0, 0), ","
    for separator in SEPARATORS:
        if separator == decimal:
            continue
        try:
            widths = Counter(len(cells) for _, cells in islice(_rows(text, "", separator), LOOKED_AT))
        except BephwError:  # Not this one.
            continue
        width, lines = max(((w, n) for w, n in widths.items() if w > 1), key=lambda pair: pair[::-1], default=(0, 0))
        if (lines, width) > best:
            best, found = (lines, width), separator
    return found
