"""What was learnt, in one file: settings, state, fitted encoder; and beside it the settings to build it with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import tomli_w
from numpy.typing import NDArray

from bephw.data import Encoding
from bephw.destination import destination
from bephw.errors import BephwError, check
from bephw.files import write_text
from bephw.golden.model import GoldenModel
from bephw.settings import Settings
from bephw.state import NetworkState, load_arrays, save_arrays

__all__ = ["Learnt", "settings_beside"]


@dataclass(frozen=True, eq=False)
class Learnt:
    """A trained network and how features become its inputs.

    Attributes:
        settings: of the network; a baseline's are those that it was exported with.
        state: counters, prototypes, thresholds.
        encoding: the encoder, fitted on the training samples; None for samples that are bits by nature.
    """

    settings: Settings
    state: NetworkState
    encoding: Encoding | None

    def save(self, path: Path) -> None:
        """Write `path` (an .npz file that `NetworkState.load` reads too), and its settings as TOML beside it.

        Each is written whole or not at all. Raises `BephwError`.
        """
        encoding = self.encoding.to_arrays() if self.encoding else {}
        settings = {"settings": np.array(self.settings.to_json())}
        save_arrays(path, {**self.state.to_arrays(), **encoding, **settings})
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
        state = NetworkState.from_arrays(arrays, settings, str(path))
        encoding = Encoding.from_arrays(arrays, str(path)) if "encoding_shape" in arrays else None
        return cls(settings, state, encoding)

    def predict(self, x: NDArray[Any], source: str = "x") -> NDArray[np.int64]:
        """The class (n,) of each sample of features `x`. Raises `BephwError` for features the encoder does not know."""
        bits = self.encoding.transform(x, source) if self.encoding else x
        return GoldenModel(self.settings, self.state).predict(bits)[0]


def settings_beside(path: Path) -> Path:
    """Where the settings of a learnt file lie."""
    return path.with_suffix(".toml")


def _given(settings: Settings) -> dict[str, Any]:
    """The fields that were given; TOML knows no null."""
    content = settings.model_dump(mode="json", exclude_unset=True)
    return {name: _without_none(part) for name, part in content.items()}


def _without_none(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: _without_none(value) for name, value in part.items() if value is not None}
    return part
