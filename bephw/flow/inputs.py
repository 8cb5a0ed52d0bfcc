"""Inputs, classes and steps that the settings leave open, for commands that need no samples otherwise."""

from __future__ import annotations

from pathlib import Path

from numpy.typing import NDArray

from bephw.errors import BephwError, MissingError, check
from bephw.flow.learning import prepare
from bephw.settings import Settings
from bephw.state import load_arrays

__all__ = ["with_known_inputs"]


def with_known_inputs(settings: Settings, state: Path | None = None, *, takes_state: bool = True) -> Settings:
    """`settings`, and where they leave `network.sizes[0]` or `network.classes` open (0), with what the state file has,
    or else the data, which are loaded for this; `data.steps` of a recurrent network is always the data's to say. Raises
    `BephwError` where neither says how many, and where data that were loaded do not fit: those that
    the settings of a recurrent network name are wherever they are on this machine, as they may have too many steps.

    takes_state: whether a state could be given, for the message.
    """
    steps_open = settings.recurrent and settings.data.steps is None
    # A network of gates does not say how many inputs it has, only which it reads.
    if state is not None and settings.open and settings.learning.algorithm != "logic":
        arrays = load_arrays(state)
        settings = settings.with_inputs(_inputs_of(arrays, settings, state))
        if not settings.network.classes:
            settings = settings.replace({"network.classes": _classes_of(arrays, settings, state)})
    if not (settings.open or steps_open or (settings.recurrent and settings.names_data)):
        return settings
    try:
        return prepare(settings)[0]
    except BephwError as error:
        if not (settings.open or steps_open):
            if isinstance(error, MissingError):
                return settings
            raise
        if not settings.open:
            raise BephwError(f"data.steps must be given in hardware, or data that can be loaded: {error}") from error
        field = "network.classes" if settings.network.sizes[0] else "network.sizes[0]"
        other = " or a state (--state FILE)" if takes_state else ""
        raise BephwError(
            f"{field} must be a number, or 0 (as many as the data have) with data that can be loaded{other}: {error}"
        ) from error


def _inputs_of(arrays: dict[str, NDArray], settings: Settings, state: Path) -> int:
    """Inputs of the first layer, less those that are a cell's own state."""
    outputs, inputs = _matrix(arrays, "counters_0", state)
    found = inputs - outputs if settings.recurrent else inputs
    check(found > 0, f"{state}: counters_0 must have at least one input, not shape {arrays['counters_0'].shape}")
    return found


def _classes_of(arrays: dict[str, NDArray], settings: Settings, state: Path) -> int:
    """Rows of the last classifier."""
    name = f"prototypes_{settings.network.layers - 1}"
    return _matrix(arrays, name if name in arrays else "prototypes", state)[0]


def _matrix(arrays: dict[str, NDArray], name: str, state: Path) -> tuple[int, int]:
    check(name in arrays and arrays[name].ndim == 2, f"{state}: {name} is missing, or no matrix")
    rows, columns = arrays[name].shape
    return int(rows), int(columns)
