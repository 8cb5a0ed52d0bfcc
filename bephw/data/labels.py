"""Labels of any kind, numbered from 0."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, check

__all__ = ["Numbered", "first_bad_label", "is_number", "known_labels", "number_labels"]

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
KINDS = "biufUS"
SHOWN = 5


@dataclass(frozen=True, eq=False)
class Numbered:
    """Labels as numbers.

    Attributes:
        parts: int64 (n,), 0 to `classes` - 1, of every part.
        names: what 0, 1, .. stand for; None where labels were such numbers already.
        classes: how many there are.
    """

    parts: dict[str, NDArray[np.int64]]
    names: tuple[str, ...] | None
    classes: int


def number_labels(parts: Mapping[str, NDArray[Any]], classes: int = 0) -> Numbered:
    """Number labels from 0.

    Args:
        parts: by what errors call them, arrays (n,) of integers, booleans, whole floats or words; equal labels of
            different parts are one class.
        classes: how many there may be; 0 is as many as there are. Fewer are no error.

    Whole numbers that lie below the number of classes stay as they are. Else classes are numbered in order: numbers by
    value (-1 before 1, 2 before 10, 1 the same as 1.0 and "1"), words as Python sorts them; where one label of all is a
    word, all are. Raises `BephwError`.
    """
    for source, labels in parts.items():
        right = labels.dtype.kind in KINDS
        check(right, f"{source}: labels must be whole numbers, booleans or words, not {labels.dtype}")
    words, places = {}, {}
    for source, labels in parts.items():
        different, places[source] = np.unique(labels, return_inverse=True)
        words[source] = [_word(value) for value in different.tolist()]
    numeric = all(is_number(word) for found in words.values() for word in found)
    for source, found in words.items():
        bad = first_bad_label(found, numeric=numeric)
        if bad is not None:
            at = int(np.flatnonzero(places[source] == bad[0])[0])
            raise BephwError(f"{source}: label of sample {at} {bad[1]}")
    keys: dict[str, list[Any]] = dict(words)
    if numeric:
        keys = {source: [int(Decimal(word)) for word in found] for source, found in words.items()}
    order = sorted({key for found in keys.values() for key in found})
    count = classes or len(order)
    if numeric and order and order[0] >= 0 and order[-1] < count:
        number, names = {key: key for key in order}, None
    else:
        _check_count(order, count, keys, places, numeric)
        number, names = {key: at for at, key in enumerate(order)}, tuple(map(str, order))
    numbered = {source: np.array([number[key] for key in keys[source]], np.int64)[places[source]] for source in parts}
    return Numbered(numbered, names, count)


def known_labels(source: str, labels: NDArray[Any], names: Sequence[str] | None, classes: int) -> NDArray[np.int64]:
    """The numbers (n,) of labels of new samples, of any kind, among classes that are known already.

    Labels that are none of the `names` may be the numbers 0 to `classes` - 1 themselves. Raises `BephwError`.
    """
    right = labels.dtype.kind in KINDS
    check(right, f"{source}: labels must be whole numbers, booleans or words, not {labels.dtype}")
    found, places = np.unique(labels, return_inverse=True)
    words = [_word(value) for value in found.tolist()]
    keys = [str(int(Decimal(word))) if is_number(word) and Decimal(word) % 1 == 0 else word for word in words]
    numbers = {name: number for number, name in enumerate(names or ())}
    if not numbers or (all(map(is_number, keys)) and not all(key in numbers for key in keys)):
        numbers = {str(number): number for number in range(classes)}
    for at, key in enumerate(keys):
        if key not in numbers:
            sample = int(np.flatnonzero(places == at)[0])
            shown = f"0 to {classes - 1}" if names is None else "one of " + _listed(names)
            raise BephwError(f"{source}: label of sample {sample} must be {shown}, not {words[at]}")
    return np.array([numbers[key] for key in keys], np.int64)[places]


def is_number(word: str) -> bool:
    """Whether a label is a number."""
    return NUMBER.fullmatch(word) is not None


def first_bad_label(labels: Sequence[str], *, numeric: bool) -> tuple[int, str] | None:
    """Place of the first label that cannot be a class, and what is wrong with it; None where all can.

    `numeric`: all of them are numbers, and so must be whole.
    """
    for at, label in enumerate(labels):
        if label.lower() in ("", "nan"):
            return at, "is missing"
        if INFINITE.fullmatch(label) or (numeric and Decimal(label) % 1):
            return at, f"must be a whole number or a word, not {label}"
    return None


def _word(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _check_count(
    order: list[Any], count: int, keys: dict[str, list[Any]], places: dict[str, NDArray[np.intp]], numeric: bool
) -> None:
    """Raise `BephwError` where there are more classes than `count`; of numbers, for the first that is out of range."""
    if len(order) <= count:
        return
    for source, found in keys.items() if numeric else ():
        outside = [at for at, key in enumerate(found) if not 0 <= key < count]
        at = np.flatnonzero(np.isin(places[source], outside))
        if at.size:
            value = found[places[source][at[0]]]
            rule = f"0 to {count - 1} (network.classes = {count})"
            raise BephwError(f"{source}: label of sample {at[0]} must be {rule}, not {value}")
    rule = f"network.classes must be {len(order)}, one for each label ({_listed(order)}), or 0"
    raise BephwError(f"{next(iter(keys))}: {rule}, not {count}")


def _listed(names: Sequence[Any]) -> str:
    return ", ".join(map(str, names[:SHOWN])) + (", ..." if len(names) > SHOWN else "")
