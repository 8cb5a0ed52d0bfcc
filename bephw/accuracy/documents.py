"""TOML files of this part, validated part by part, so that a message names the very entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bephw.errors import BephwError, check
from bephw.validation import first_problem

__all__ = ["Part", "entries", "rule", "validated"]


class Part(BaseModel):
    """A frozen table of a file; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


P = TypeVar("P", bound=BaseModel)


def rule(condition: bool, message: str) -> None:
    """Raise `ValueError(message)` unless `condition` holds: for validators, which name the field in `message`."""
    if not condition:
        raise ValueError(message)


def validated(model: type[P], content: Any, source: str) -> P:
    """`content` as a `model`. Raises `BephwError` as `source: field: rule, not value`, or `source.field: ...`
    where `source` is an entry of a list.
    """
    separator = "." if source.endswith("]") else ": "
    check(isinstance(content, Mapping), f"{source}: must be a table, not {content!r}")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise BephwError(f"{source}{separator}{first_problem(model, error)}") from None


def entries(model: type[P], content: Mapping[str, Any], name: str, source: str) -> tuple[P, ...]:
    """The list `content[name]` of tables, each validated as `model`; empty where there is none."""
    found = content.get(name, ())
    check(isinstance(found, list | tuple), f"{source}: {name}: must be a list, not {found!r}")
    return tuple(validated(model, entry, f"{source}: {name}[{index}]") for index, entry in enumerate(found))
