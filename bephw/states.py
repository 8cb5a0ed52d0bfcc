"""Networks of any kind that classify: which kind settings describe, and its file."""

from __future__ import annotations

from pathlib import Path

from numpy.typing import NDArray

from bephw.logic_state import LogicState
from bephw.settings import Settings
from bephw.state import NetworkState, load_arrays

__all__ = ["AnyState", "load_state", "state_from_arrays"]

AnyState = NetworkState | LogicState
"""All that inference needs beside the settings; each has `validate`, `to_arrays`, `stored_arrays` and `save`."""


def state_from_arrays(arrays: dict[str, NDArray], settings: Settings, source: str = "state") -> AnyState:
    """The network of `settings` in `arrays`. Raises `BephwError` where they are not one's."""
    if settings.learning.algorithm == "logic":
        return LogicState.from_arrays(arrays, settings, source)
    return NetworkState.from_arrays(arrays, settings, source)


def load_state(path: str | Path, settings: Settings) -> AnyState:
    """The network of `settings` in an .npz file. Raises `BephwError`."""
    return state_from_arrays(load_arrays(path), settings, str(path))
