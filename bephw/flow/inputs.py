"""Inputs that the settings leave open, for commands that need no samples otherwise."""

from __future__ import annotations

from pathlib import Path

from bephw.errors import BephwError, check
from bephw.flow.learning import prepare
from bephw.settings import Settings
from bephw.state import load_arrays

__all__ = ["with_known_inputs"]


def with_known_inputs(settings: Settings, state: Path | None = None, *, takes_state: bool = True) -> Settings:
    """`settings`, and where they leave `network.sizes[0]` open (0), with the inputs that the state file has, or
    else the data, which are loaded for this. Raises `BephwError` where neither says how many.

    takes_state: whether a state could be given, for the message.
    """
    if settings.network.sizes[0]:
        return settings
    if state is not None:
        return settings.with_inputs(_inputs_of(state, settings))
    try:
        return prepare(settings)[0]
    except BephwError as error:
        other = " or a state (--state FILE)" if takes_state else ""
        raise BephwError(
            "network.sizes[0] must be a number, or 0 (as many as the data have) "
            f"with data that can be loaded{other}: {error}"
        ) from error


def _inputs_of(state: Path, settings: Settings) -> int:
    """Inputs of the first layer, less those that are a cell's own state."""
    arrays = load_arrays(state)
    check("counters_0" in arrays and arrays["counters_0"].ndim == 2, f"{state}: counters_0 is missing, or no matrix")
    outputs, inputs = arrays["counters_0"].shape
    found = int(inputs - outputs if settings.recurrent else inputs)
    check(found > 0, f"{state}: counters_0 must have at least one input, not shape {arrays['counters_0'].shape}")
    return found
