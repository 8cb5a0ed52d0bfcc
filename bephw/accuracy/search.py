"""A search for hyperparameters: what is tried, how often, what counts; read from a TOML file, validated once."""

from __future__ import annotations

import json
import math
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, StrictBool, StrictInt, model_validator

from bephw.accuracy.changes import paths, settings_of
from bephw.accuracy.documents import Part, rule, validated
from bephw.errors import check
from bephw.limits import MOST_TRIALS
from bephw.settings import Settings
from bephw.texts import read_toml

__all__ = ["Choices", "Range", "Search", "Space", "read_search"]


DIGITS = 4  # Significant digits of a number that is tried: as one would write it.


class Choices(Part):
    """One of these. A choice that is a table is changes of several settings at once."""

    choices: tuple[Any, ...] = Field(min_length=1)

    def value(self, drawn: str) -> Any:
        """The choice that Optuna drew, for which it is a text: choices may be lists or tables."""
        return json.loads(drawn)

    @property
    def first(self) -> Any:
        return self.choices[0]


class Range(Part):
    """A number from `low` to `high`: on a logarithmic scale with `log`, in steps with `step`; an integer where
    all of them are, and the setting takes one.
    """

    low: Any
    high: Any
    step: Any = None
    log: StrictBool = False

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        for name in ("low", "high", "step"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            rule(number or (name == "step" and value is None), f"{name} must be a number, not {value!r}")
        rule(self.low < self.high, f"high must be above low = {self.low}, not {self.high}")
        rule(self.step is None or self.step > 0, f"step must be above 0, not {self.step}")
        rule(self.step is None or not self.log, f"step must be left out with log = true, not {self.step}")
        rule(not self.log or self.low > 0, f"low must be above 0 with log = true, not {self.low}")
        return self

    def value(self, drawn: float) -> float:
        """The number that Optuna drew, without the digits that mean nothing."""
        if self.integers:
            return int(drawn)
        return min(max(float(f"{drawn:.{DIGITS if self.step is None else 12}g}"), self.low), self.high)

    @property
    def integers(self) -> bool:
        """Whether all numbers are integers."""
        return all(isinstance(value, int) for value in (self.low, self.high, self.step or 1))

    @property
    def first(self) -> Any:
        return self.low


Space = Choices | Range


class Search(Part):
    """What `bephw tune` does.

    Attributes:
        title: for the pages.
        trials: settings to try in all.
        seeds: every trial is trained with each (`learning.seed`); its value is the mean.
        metric: validation accuracy after the "last" epoch, or the best of all epochs ("best_validation").
        sampler: Optuna's tree-structured Parzen estimator, or random settings.
        sampler_seed: of the sampler.
        prune: stop a trial after a seed whose mean so far is below the median of the others' at that point.
        settings: content of a settings file, common to all trials.
        search: what is tried, by the settings' dotted names; or by any name, where the choices are tables.
    """

    title: str
    trials: StrictInt = Field(ge=1, le=MOST_TRIALS)
    seeds: tuple[StrictInt, ...] = Field(default=(0,), min_length=1)
    metric: Literal["last", "best_validation"] = "last"
    sampler: Literal["tpe", "random"] = "tpe"
    sampler_seed: StrictInt = Field(default=0, ge=0)
    prune: StrictBool = False
    settings: dict[str, Any] = {}
    search: dict[str, Space] = Field(min_length=1)

    @model_validator(mode="after")
    def _seeds_are_its_own(self) -> Self:
        twice = [seed for index, seed in enumerate(self.seeds) if seed in self.seeds[:index]]
        rule(not twice, f"seeds must differ from each other, not have {twice[:1]} twice")
        names = [name for name, _ in paths(self.settings)] + [*self.search]
        rule("learning.seed" not in names, "learning.seed must be left out: seeds of the search set it")
        return self

    def changes(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Changes of settings that `values`, one for every name of the search, mean."""
        result: dict[str, Any] = {}
        for name, value in values.items():
            result |= dict(paths(value)) if isinstance(value, Mapping) else {name: value}
        return result

    def settings_of(self, values: Mapping[str, Any], seed: int, source: str = "search") -> Settings:
        """Settings of one run. Raises `BephwError` that starts with `source`."""
        return settings_of(source, self.settings, self.changes(values), {"learning.seed": seed})

    def same_as(self) -> dict[str, Any]:
        """What must be the same for a search to be gone on with, as JSON has it; `trials` and `title` may change."""
        content = self.model_dump(mode="json", exclude={"title", "trials"})
        return dict(json.loads(json.dumps(content)))


def read_search(path: Path) -> Search:
    """The search of a TOML file; its title is the file's name where it has none.

    Raises `BephwError`, also where the settings of the first choices and lowest numbers are not valid.
    """
    source = f"search {path}"
    content = read_toml(path, "search")
    content.setdefault("title", path.stem)
    for name in ("settings", "search"):
        check(isinstance(content.get(name, {}), dict), f"{source}: {name}: must be a table, not {content.get(name)!r}")
    if "search" in content:
        content["search"] = dict(_spaces(content["search"], source))
    search = validated(Search, content, source)
    search.settings_of({name: space.first for name, space in search.search.items()}, search.seeds[0], source)
    return search


def _spaces(content: Mapping[str, Any], source: str, prefix: str = "") -> Iterator[tuple[str, Space]]:
    """Choices and ranges by dotted name, from dotted or nested keys."""
    for key, value in content.items():
        name = f"{prefix}.{key}".removeprefix(".")
        place = f"{source}: search[{name!r}]"
        check(isinstance(value, Mapping), f"{place} must be a table with choices, or with low and high, not {value!r}")
        if "choices" in value:
            yield name, validated(Choices, value, place)
        elif "low" in value or "high" in value:
            yield name, _of_field(name, validated(Range, value, place))
        else:
            check(bool(value), f"{place} must be a table with choices, or with low and high, not {value!r}")
            yield from _spaces(value, source, name)


def _of_field(name: str, space: Range) -> Range:
    """A range of numbers where the setting takes no integers: low = 0 and high = 1 mean 0.0 and 1.0."""
    model: Any = Settings
    field = None
    for part in name.split("."):
        field = model.model_fields.get(part) if isinstance(model, type) and issubclass(model, BaseModel) else None
        model = field.annotation if field else None
    if field is None or int in _types(field.annotation):
        return space
    step = None if space.step is None else float(space.step)
    return space.model_copy(update={"low": float(space.low), "high": float(space.high), "step": step})


def _types(annotation: Any) -> set[Any]:
    parts = typing.get_args(annotation)
    return {annotation}.union(*(_types(part) for part in parts)) if parts else {annotation}
