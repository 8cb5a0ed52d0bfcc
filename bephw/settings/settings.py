"""All settings together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import SerializerFunctionWrapHandler, ValidationError, model_serializer, model_validator

from bephw.errors import BephwError
from bephw.settings.derived import Derived
from bephw.settings.rules import check_rules
from bephw.shape import ceil_div
from bephw.texts import read_toml
from bephw.validation import first_problem

__all__ = ["Settings"]


class Settings(Derived):
    """Everything that defines a trainer. Frozen; equal settings give the same bits everywhere."""

    @classmethod
    def build(cls, **parts: Any) -> Self:
        """Validate `parts` (nested mappings, as in the TOML file). Raises `BephwError`."""
        return cls._validate(parts, source="settings")

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read and validate a TOML file. Raises `BephwError`."""
        content = read_toml(path, "settings file")
        return cls._validate(content, source=str(path))

    def replace(self, changes: Mapping[str, Any]) -> Self:
        """A copy with fields changed, named by dotted path: `{"hardware.rows": 4}`."""
        content: dict[str, Any] = self.model_dump(exclude_unset=True)
        for dotted, value in changes.items():
            *path, last = dotted.split(".")
            part = content
            for name in path:
                part = part.setdefault(name, {})
                if not isinstance(part, dict):
                    raise BephwError(f"settings: {dotted}: {name} has no fields")
            part[last] = value
        return self._validate(content, source="settings")

    def with_inputs(self, inputs: int) -> Self:
        """Self, or where the settings leave `network.sizes[0]` open (0), a copy with `inputs` there."""
        if self.network.sizes[0]:
            return self
        return self.replace({"network.sizes": (inputs, *self.network.sizes[1:])})

    def with_data(self, inputs: int, classes: int, steps: int | None = None) -> Self:
        """`with_inputs`, and the same for `network.classes`, and for `data.steps` of a recurrent network."""
        settings = self.with_inputs(inputs)
        if not self.network.classes:
            settings = settings.replace({"network.classes": classes})
        return settings.replace({"data.steps": steps}) if self.recurrent and self.data.steps is None else settings

    def with_folding(self, rows: int | None = None, columns: int | None = None, samples: int | None = None) -> Self:
        """A copy with one folding for every layer, clipped to its size (as `bephw check --rows`), and with slots for
        `samples` at a time."""
        changes: dict[str, Any] = {"hardware.update_columns": None}
        for name, value, bounds in (("rows", rows, self.outputs), ("columns", columns, self.inputs)):
            if value is not None:
                if value < 1:
                    raise BephwError(f"hardware.{name}: must be at least 1, not {value}")
                changes[f"hardware.{name}"] = tuple(min(value, bound) for bound in bounds)
        if samples is not None:
            least = max(self.hardware.slots, 2 * samples)
            slots = ceil_div(least, samples) * samples if samples > 0 else least
            changes |= {"hardware.samples": samples, "hardware.slots": slots}
        return self.replace(changes)

    @classmethod
    def _validate(cls, content: Mapping[str, Any], *, source: str) -> Self:
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise BephwError(f"{source}: {first_problem(cls, error)}") from None

    @model_serializer(mode="wrap")
    def _without_what_is_not_given(self, inner: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Settings of other networks are those of before there was a part for these, and have the same hash."""
        content = inner(self)
        for part in ("logic", "gnet"):
            if self.learning.algorithm != part and part not in self.model_fields_set:
                content.pop(part, None)
        return content

    @model_validator(mode="after")
    def _sections_fit_together(self) -> Self:
        check_rules(self)
        return self

    def to_json(self) -> str:
        """The settings as given, as JSON with sorted keys: what manifests hash and checkpoints compare."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True)
