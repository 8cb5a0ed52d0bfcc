"""What was learnt, in one file: settings, state, fitted encoder; and beside it the settings to build it with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import tomli_w
from numpy.typing import NDArray

from bephw.data import Dataset, Encoding
from bephw.data.columns import Columns
from bephw.data.labels import known_labels
from bephw.data.table import read_table
from bephw.destination import destination
from bephw.errors import BephwError, check
from bephw.files import write_text
from bephw.golden.classifier import classifier
from bephw.settings import Settings
from bephw.state import load_arrays, save_arrays
from bephw.states import AnyState, state_from_arrays
from bephw.words import counted

__all__ = ["Learnt", "class_names_in", "settings_beside"]


@dataclass(frozen=True, eq=False)
class Learnt:
    """A trained network, how features become its inputs, and what its classes are called.

    Attributes:
        settings: of the network; a baseline's are those that it was exported with.
        state: counters, prototypes, thresholds; or gates.
        encoding: the encoder, fitted on the training samples; None for samples that are bits by nature.
        columns: of a table, with the categories and medians of the training samples; None where features are numbers.
        class_names: what label 0, 1, .. stands for; None where labels are such numbers themselves.
    """

    settings: Settings
    state: AnyState
    encoding: Encoding | None
    columns: Columns | None = None
    class_names: tuple[str, ...] | None = None

    @classmethod
    def of(cls, settings: Settings, state: AnyState, dataset: Dataset) -> Self:
        """What was learnt from `dataset`."""
        columns = dataset.source.columns if dataset.source else None
        return cls(settings, state, dataset.encoding, columns, dataset.class_names)

    def save(self, path: Path) -> None:
        """Write `path` (an .npz file that `bephw.states.load_state` reads too), and its settings as TOML beside it.

        Each is written whole or not at all. Raises `BephwError`.
        """
        arrays = {**self.state.stored_arrays(self.settings), **(self.encoding.to_arrays() if self.encoding else {})}
        arrays["settings"] = np.array(self.settings.to_json())
        if self.columns is not None:
            arrays["columns"] = np.array(self.columns.model_dump_json())
        if self.class_names is not None:
            arrays["class_names"] = np.array(json.dumps(self.class_names))
        save_arrays(path, arrays)
        if not destination(path).stream:  # Beside a pipe or a device there is no place.
            write_text(settings_beside(path), tomli_w.dumps(_given(self.settings)))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Inverse of `save`, from the one .npz file. Raises `BephwError` naming the file and what is wrong with it."""
        arrays = load_arrays(path)
        check("settings" in arrays, f"{path}: settings is missing: not a file of `bephw train --state`")
        try:
            settings = Settings.build(**json.loads(arrays["settings"].item()))
        except (ValueError, TypeError) as error:
            raise BephwError(f"{path}: settings cannot be read: {error}") from error
        state = state_from_arrays(arrays, settings, str(path))
        encoding = Encoding.from_arrays(arrays, str(path)) if "encoding_shape" in arrays else None
        learnt = cls(settings, state, encoding, _columns(arrays, str(path)), _class_names(arrays, str(path)))
        learnt._check(str(path))
        return learnt

    def _check(self, source: str) -> None:
        """Raise `BephwError` where the parts do not belong together."""
        columns, encoding, names = self.columns, self.encoding, self.class_names
        if columns is not None and encoding is not None:
            features = len(columns.features)
            fits = features == encoding.features
            check(
                fits,
                f"{source}: columns must give {counted(encoding.features, 'feature')} as the encoder's, not {features}",
            )
        if names is not None:
            classes = self.settings.network.classes
            check(len(names) <= classes, f"{source}: class_names must be at most {classes}, not {len(names)}")

    def predict(self, x: NDArray[Any], source: str = "x") -> NDArray[np.int64]:
        """The class (n,) of each sample of features `x`. Raises `BephwError` for features the encoder does not know."""
        return classifier(self.settings, self.state).predict(self.bits(x, source))[0]

    def bits(self, x: NDArray[Any], source: str = "x") -> NDArray[Any]:
        """The network's inputs of each sample of features `x`. Raises as `predict`."""
        return self.encoding.transform(x, source) if self.encoding else x

    def class_name(self, label: int) -> str:
        """What a label stands for."""
        names = self.class_names
        return names[label] if names and label < len(names) else str(label)

    def arrays(self, path: Path) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """Features `x` of an .npz file as the encoder takes them, and its labels `y` as they are there (or None).

        Raises `BephwError`.
        """
        arrays = load_arrays(path)
        check("x" in arrays, f"{path}: array x is missing")
        x, columns = arrays["x"], self.columns
        if columns is not None:
            words = [column.name for column in columns.columns if column.categories is not None]
            check(not words, f"{path}: column {(words or [''])[0]!r} holds words: give the samples as a table (.csv)")
            right = x.ndim >= 2 and x.dtype.kind in "iufb" and x.shape[-1] == len(columns.columns)
            if right:
                x = columns.transform(x.astype(np.float64), columns)
        return x, arrays.get("y")

    def table(self, path: Path) -> tuple[NDArray[np.float64], NDArray[np.str_] | None]:
        """Features of a table (text) as the encoder takes them, and its labels as words; None where it has none.

        Columns are found by their names, or where the training samples had none by their places. Raises `BephwError`.
        """
        columns = self.columns
        if columns is None:
            check(not self.settings.recurrent, f"{path}: a network of series takes an .npz file")
            width = self.encoding.features if self.encoding else self.settings.network.sizes[0]
            columns = Columns.of_numbers([str(place) for place in range(width)], named=False, label=str(width))
        table = read_table(str(path), self.settings.data, columns, labels=False)
        return columns.transform(table.values, table.columns), None if table.labels is None else np.array(table.labels)

    def numbers(self, labels: NDArray[Any], source: str, samples: int) -> NDArray[np.int64]:
        """Labels of any kind, one a sample, as numbers of the network's classes. Raises `BephwError`."""
        right = labels.shape == (samples,)
        check(right, f"{source}: must have shape ({samples},), one label a sample, not {labels.shape}")
        return known_labels(source, labels, self.class_names, self.settings.network.classes)


def class_names_in(path: Path) -> tuple[str, ...] | None:
    """What the labels of a state file stand for; None where it does not say. Raises `BephwError`."""
    return _class_names(load_arrays(path), str(path))


def settings_beside(path: Path) -> Path:
    """Where the settings of a learnt file lie."""
    return path.with_suffix(".toml")


def _columns(arrays: dict[str, NDArray], source: str) -> Columns | None:
    return Columns.from_json(_text(arrays, "columns", source), source) if "columns" in arrays else None


def _class_names(arrays: dict[str, NDArray], source: str) -> tuple[str, ...] | None:
    if "class_names" not in arrays:
        return None
    try:
        names = json.loads(_text(arrays, "class_names", source))
    except ValueError as error:
        raise BephwError(f"{source}: class_names cannot be read: {error}") from error
    right = isinstance(names, list) and all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    check(right, f"{source}: class_names must be different words")
    return tuple(names)


def _text(arrays: dict[str, NDArray], name: str, source: str) -> str:
    array = arrays[name]
    check(array.dtype.kind == "U" and array.ndim == 0, f"{source}: {name} must be one text, not {array.dtype}")
    return str(array.item())


def _given(settings: Settings) -> dict[str, Any]:
    """The fields that were given; TOML knows no null."""
    content = settings.model_dump(mode="json", exclude_unset=True)
    return {name: _without_none(part) for name, part in content.items()}


def _without_none(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: _without_none(value) for name, value in part.items() if value is not None}
    return part
