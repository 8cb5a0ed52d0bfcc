"""Settings put together from tables of changes: later ones win."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from bephw.errors import BephwError
from bephw.settings import Settings

__all__ = ["changed", "paths", "settings_of"]

# Two spellings of one thing (bephw.settings.Learning): a later change to one replaces an earlier value of the other.
RIVALS = {"R": "r", "r": "R", "G": "nu", "nu": "G", "rates": "p_r", "p_r": "rates"}


def paths(changes: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Changes as (dotted path, value): `{"data": {"seed": 1}}` and `{"data.seed": 1}` say the same."""
    for name, value in changes.items():
        dotted = f"{prefix}.{name}".removeprefix(".")
        if isinstance(value, Mapping):
            yield from paths(value, dotted)
        else:
            yield dotted, value


def changed(content: Mapping[str, Any], *changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the settings' `content` (nested, as in a TOML file) with `changes` in their order.

    Raises `BephwError` where a path leads through something that is no table.
    """
    result: dict[str, Any] = deepcopy(dict(content))
    for table in changes:
        for dotted, value in paths(table):
            *path, last = dotted.split(".")
            part = result
            for name in path:
                part = part.setdefault(name, {})
                if not isinstance(part, dict):
                    raise BephwError(f"{dotted}: {name} has no fields")
            if path == ["learning"]:
                part.pop(RIVALS.get(last, ""), None)
            part[last] = value
    return result


def settings_of(source: str, content: Mapping[str, Any], *changes: Mapping[str, Any]) -> Settings:
    """The settings of `changed(content, *changes)`. Raises `BephwError` that starts with `source`."""
    try:
        return Settings.build(**changed(content, *changes))
    except BephwError as error:
        raise BephwError(f"{source}: {str(error).removeprefix('settings: ')}") from None
