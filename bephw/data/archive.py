"""Files of the UCR archive: labelled series as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, check
from bephw.texts import read_text
from bephw.words import counted

__all__ = ["SUFFIXES", "Series", "find", "read"]

SUFFIXES = (".tsv", ".ts", ".txt")
MISSING = "?"  # Or NaN, which float() knows.


@dataclass(frozen=True, eq=False)
class Series:
    """Labelled series as a file holds them.

    Attributes:
        values: float64 (n, longest); NaN where a value is missing or the series has ended.
        labels: the n labels, as written.
    """

    values: NDArray[np.float64]
    labels: list[str]


def find(folder: Path, name: str) -> tuple[Path, Path] | None:
    """The training and the test file of data set `name` in `folder`, both of one format; None where there are none."""
    for suffix in SUFFIXES:
        train, test = (folder / f"{name}_{part}{suffix}" for part in ("TRAIN", "TEST"))
        if train.is_file() and test.is_file():
            return train, test
    return None


def read(path: Path) -> Series:
    """Series of a file of the archive.

    `.tsv` and `.txt`: a series a line, its label first, tabs (blanks or commas in `.txt`) between the values, and
    lines of one length. `.ts`: after a header, a line of values with commas between, then a colon and the label.
    Raises `BephwError` naming the line.
    """
    text = read_text(path, errors="replace")
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    rows = list(_ts(path, lines) if path.suffix == ".ts" else _table(path, lines))
    check(bool(rows), f"{path}: holds no series")
    longest = max(len(row) for _, row in rows)
    values = np.full((len(rows), longest), np.nan)
    for filled, (_, row) in zip(values, rows, strict=True):
        filled[: len(row)] = row
    return Series(values, [label for label, _ in rows])


def _table(path: Path, lines: list[tuple[int, str]]) -> Iterator[tuple[str, list[float]]]:
    first = 0
    for number, line in lines:
        label, *fields = line.split("\t") if path.suffix == ".tsv" else line.replace(",", " ").split()
        first = first or len(fields)
        check(
            len(fields) == first > 0,
            f"{path}: line {number}: must have a label and {first or 'some'} values, as all lines, not {len(fields)}",
        )
        yield label.strip(), _numbers(path, number, fields)


def _ts(path: Path, lines: list[tuple[int, str]]) -> Iterator[tuple[str, list[float]]]:
    header: dict[str, str] = {}
    length: int | None = None
    for number, line in lines:
        if line.startswith("#"):
            continue
        if "@data" not in header:
            key, _, value = line.partition(" ")
            check(key.startswith("@"), f"{path}: line {number}: must be a header line (@...), not {line[:40]!r}")
            header[key.lower()] = value.strip().lower()
            continue
        _check_header(path, header)
        *values, label = line.split(":")
        check(len(values) == 1, f"{path}: line {number}: must be the values of one series, a colon and a label")
        fields = values[0].split(",")
        if header.get("@equallength") == "true":
            length = length or len(fields)
            check(
                len(fields) == length, f"{path}: line {number}: must have {counted(length, 'value')}, not {len(fields)}"
            )
        yield label.strip(), _numbers(path, number, fields)


def _check_header(path: Path, header: dict[str, str]) -> None:
    for key, allowed in (("@timestamps", "false"), ("@univariate", "true")):
        found = header.get(key, allowed)
        check(found == allowed, f"{path}: {key} must be {allowed}, not {found}")
    found = header.get("@classlabel", "true")
    check(found.startswith("true"), f"{path}: @classlabel must be true, not {found}")


def _numbers(path: Path, number: int, fields: list[str]) -> list[float]:
    try:
        return [float("nan") if field.strip() == MISSING else float(field) for field in fields]
    except ValueError as error:
        raise BephwError(f"{path}: line {number}: values must be numbers ({error})") from error
