"""What every section of the settings has in common."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from bephw.words import counted

__all__ = ["Flag", "Float", "Int", "Ints", "Section", "check_length", "exact", "per_layer", "rule"]

# Numbers as the user must write them: no 8.0 or true for an integer, no "0.5" for a number.
Int = Annotated[int, Field(strict=True)]
Float = Annotated[float, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Ints = tuple[Int, ...]


class Section(BaseModel):
    """A table of the settings file: frozen, of known keys.

    Attributes:
        LATER: fields that came after the first version. Settings that do not name them are those of before there were
            any, and have the same hash.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)
    LATER: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _without_what_is_not_given(self, inner: SerializerFunctionWrapHandler) -> dict[str, Any]:
        not_given = self.LATER - self.model_fields_set
        return {key: value for key, value in inner(self).items() if key not in not_given}


def rule(condition: bool, message: str) -> None:
    """Raises `ValueError`, of which pydantic makes a `ValidationError`, where the condition does not hold."""
    if not condition:
        raise ValueError(message)


def exact(number: float) -> Fraction:
    """The decimal number the user wrote: 0.1 is one tenth, not the nearest binary fraction."""
    return Fraction(repr(number))


def check_length(name: str, value: Sequence[Any] | None, length: int) -> None:
    """Raises `ValueError` where a list, if there is one, does not have an entry a layer."""
    if value is not None:
        rule(
            len(value) == length,
            f"{name} must have {counted(length, 'entry', 'entries')}, one a layer, not {len(value)}",
        )


def per_layer(name: str, value: Any, length: int) -> tuple[Any, ...]:
    """A list as it is, if it has an entry a layer; a number for every layer."""
    if isinstance(value, tuple):
        check_length(name, value, length)
        return value
    return (value,) * length
