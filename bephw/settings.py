"""Settings: one frozen, validated object behind the golden model and the hardware.

Read from TOML (`Settings.from_toml`), built in Python (`Settings.build(network={...}, ...)`) or changed
with `settings.replace(**{"hardware.rows": 4})`. Whatever exists is legal: every rule is checked on construction, and a
violation is one `BephwError` that names the field, the rule and the value.

Lists have one entry a layer, input side first; `hardware.rows` and `hardware.columns` have one more, for the
classifier. Where a field takes a number or a list, a number holds for every layer.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bephw.errors import BephwError
from bephw.shape import LayerShape, default_update_columns
from bephw.validation import first_problem

__all__ = ["Board", "Data", "Encoder", "Hardware", "Learning", "Network", "Settings"]

LARGEST_SIZE = 65_535
LARGEST_RATE = 2**32 - 1

PerLayer = tuple[int, ...]

# Numbers as the user must write them: no 8.0 or true for an integer, no "0.5" for a number.
Int = Annotated[int, Field(strict=True)]
Float = Annotated[float, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Ints = tuple[Int, ...]


def _exact(number: float) -> Fraction:
    """The decimal number the user wrote: 0.1 is one tenth, not the nearest binary fraction."""
    return Fraction(repr(number))


def _rule(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)


class Network(_Part):
    """Layer sizes: inputs, then the outputs of every layer; and the number of classes."""

    sizes: Ints = Field(min_length=2, max_length=129)
    classes: Int = Field(ge=2, le=LARGEST_SIZE)

    @model_validator(mode="after")
    def _sizes_in_range(self) -> Self:
        for index, size in enumerate(self.sizes):
            _rule(1 <= size <= LARGEST_SIZE, f"sizes[{index}] must be 1 to {LARGEST_SIZE}, not {size}")
        return self

    @property
    def layers(self) -> int:
        """Number of layers with weights that learn."""
        return len(self.sizes) - 1


class Learning(_Part):
    """Hyperparameters of numerics.md sections 1 to 6.

    `R` (margin in logit units) or `r` (R = ceil(r * K_L)); `G` (gate on |z|) or `nu` (G = floor(nu * K_in));
    `rates` (reinforcement in events of 2^-16 a sample) or `p_r` (the papers' probability, from which
    training derives the rates at every epoch).
    """

    bits: Int = Field(default=8, ge=2, le=16)
    R: Int | None = Field(default=None, ge=-(2**31), le=2**31 - 1)
    r: Float | None = Field(default=None, ge=-2, le=2)
    G: Int | Ints | None = None
    nu: Float | tuple[Float, ...] | None = None
    gamma: Int | Ints = 1
    tie: Literal["keep", "plus"] = "keep"
    batch: Int = Field(default=100, ge=1, le=2**32 - 1)
    epochs: Int = Field(default=10, ge=1)
    rates: Int | Ints | None = None
    p_r: Float | None = Field(default=None, ge=0)
    reinforcement: Literal["events", "bernoulli"] = "events"
    sigma: Float | None = Field(default=None, gt=0)
    seed: Int = Field(default=0, ge=0, le=2**63 - 1)
    generators: Ints | None = None

    @model_validator(mode="after")
    def _one_spelling_each(self) -> Self:
        for first, second in (("R", "r"), ("G", "nu"), ("rates", "p_r")):
            both = getattr(self, first) is not None and getattr(self, second) is not None
            _rule(not both, f"{first} and {second} say the same thing: give one, not both")
        return self


class Hardware(_Part):
    """Folding and ports of the generated trainer.

    `rows` outputs and `columns` inputs of a layer are worked on in parallel (PE and SIMD); `update_columns`
    counters of a row are stepped in parallel (it divides `columns`); `stream_width` is the number of input
    bits in a word of the sample stream; `slots` is the number of samples that may be in flight;
    `counter_memory` is dual-port block RAM, or iCE40UP5K's single-port RAM (there an update takes two cycles a
    word, and counters must be loaded at run time); `profile` adds a cycle counter for each phase.
    """

    rows: Int | Ints = 1
    columns: Int | Ints = 8
    update_columns: Int | Ints | None = None
    stream_width: Int = Field(default=8, ge=1, le=LARGEST_SIZE)
    slots: Int = Field(default=8, ge=1, le=64)
    counter_memory: Literal["bram", "spram"] = "bram"
    profile: Flag = True


class Encoder(_Part):
    """How features become bits: `thermometer` with `levels` uniform thresholds a feature, or `median`."""

    kind: Literal["thermometer", "median", "none"] = "median"
    levels: Int = Field(default=3, ge=1, le=255)


class Data(_Part):
    """Which samples: a named data set, or an .npz file with `x_train y_train x_test y_test`."""

    name: Literal["digits", "mnist", "fashion_mnist", "random_prototypes", "npz"] = "digits"
    path: str | None = None
    encoder: Encoder = Encoder()
    test_fraction: Float = Field(default=0.2, gt=0, lt=1)
    seed: Int = Field(default=0, ge=0)


class Board(_Part):
    """Target board, the trainer's clock, and the speed of its serial port."""

    name: str = "icebreaker"
    clock_mhz: Float | None = Field(default=None, gt=0, le=1000)
    baud: Int = Field(default=1_000_000, ge=300, le=12_000_000)


class Settings(_Part):
    """Everything that defines a trainer. Frozen; equal settings give the same bits everywhere."""

    network: Network
    learning: Learning = Learning()
    hardware: Hardware = Hardware()
    data: Data = Data()
    board: Board = Board()

    # -- construction ---------------------------------------------------------------------------

    @classmethod
    def build(cls, **parts: Any) -> Self:
        """Validate `parts` (nested mappings, as in the TOML file). Raises `BephwError`."""
        return cls._validate(parts, source="settings")

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read and validate a TOML file. Raises `BephwError`."""
        try:
            with open(path, "rb") as file:
                content = tomllib.load(file)
        except OSError as error:
            raise BephwError(f"settings file {path}: cannot be read: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BephwError(f"settings file {path}: not valid TOML: {error}") from error
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

    def with_folding(self, rows: int | None = None, columns: int | None = None) -> Self:
        """A copy with one folding for every layer, clipped to its size (as `bephw check --rows`)."""
        changes: dict[str, Any] = {"hardware.update_columns": None}
        for name, value, bounds in (("rows", rows, self._outputs), ("columns", columns, self._inputs)):
            if value is not None:
                if value < 1:
                    raise BephwError(f"hardware.{name}: must be at least 1, not {value}")
                changes[f"hardware.{name}"] = tuple(min(value, bound) for bound in bounds)
        return self.replace(changes)

    @classmethod
    def _validate(cls, content: Mapping[str, Any], *, source: str) -> Self:
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise BephwError(f"{source}: {first_problem(cls, error)}") from None

    # -- rules that span several fields ---------------------------------------------------------

    @model_validator(mode="after")
    def _fields_fit_together(self) -> Self:
        layers = self.network.layers
        for index, (gamma, outputs) in enumerate(zip(self.gamma, self.network.sizes[1:], strict=True)):
            _rule(
                1 <= gamma <= outputs and outputs % gamma == 0,
                f"learning.gamma[{index}] must divide the layer's {outputs} outputs, not {gamma}",
            )
        for name, values in (("G", self.G), ("rates", self.fixed_rates or (0,) * layers)):
            for index, value in enumerate(values):
                _rule(
                    0 <= value <= LARGEST_RATE,
                    f"learning.{name}[{index}] must be 0 to {LARGEST_RATE}, not {value}",
                )
        for index, seed in enumerate(self.learning.generators or ()):
            _rule(
                1 <= seed <= 2**32 - 1,
                f"learning.generators[{index}] must be a nonzero 32-bit word, not {seed}",
            )
        self._check_length("learning.generators", self.learning.generators, layers)
        self._check_folding()
        return self

    def _check_folding(self) -> None:
        for name, bounds in (("rows", self._outputs), ("columns", self._inputs)):
            asked = getattr(self.hardware, name)
            if name not in self.hardware.model_fields_set:
                continue  # The default is clipped to every layer, also where the widest is narrower.
            if isinstance(asked, int):
                _rule(
                    1 <= asked <= max(bounds),
                    f"hardware.{name} must be 1 to {max(bounds)} (the widest layer), not {asked}",
                )
                continue
            self._check_length(f"hardware.{name}", asked, len(bounds))
            for index, (value, bound) in enumerate(zip(asked, bounds, strict=True)):
                _rule(
                    1 <= value <= bound,
                    f"hardware.{name}[{index}] must be 1 to {bound} (the layer's size), not {value}",
                )
        for shape in self.shapes:
            _rule(
                1 <= shape.update_columns <= shape.columns and shape.columns % shape.update_columns == 0,
                f"hardware.update_columns[{shape.index}] must divide the layer's {shape.columns} columns, "
                f"not {shape.update_columns}",
            )

    def _per_layer(self, name: str, value: Any, length: int) -> tuple[Any, ...]:
        if isinstance(value, tuple):
            self._check_length(name, value, length)
            return value
        return (value,) * length

    @staticmethod
    def _check_length(name: str, value: Sequence[Any] | None, length: int) -> None:
        if value is not None:
            _rule(len(value) == length, f"{name} must have {length} entries, one a layer, not {len(value)}")

    # -- derived values -------------------------------------------------------------------------

    @cached_property
    def gamma(self) -> PerLayer:
        """Winner group size of every layer."""
        return self._per_layer("learning.gamma", self.learning.gamma, self.network.layers)

    @cached_property
    def R(self) -> int:
        """Margin below which a sample teaches (section 3)."""
        if self.learning.R is not None:
            return self.learning.R
        r = self.learning.r if self.learning.r is not None else 0.25
        return math.ceil(_exact(r) * self.network.sizes[-1])

    @cached_property
    def G(self) -> PerLayer:
        """Gate on |z| of every layer; the first is not used by an MLP (section 4)."""
        layers = self.network.layers
        if self.learning.G is not None:
            return self._per_layer("learning.G", self.learning.G, layers)
        nus = self._per_layer("learning.nu", self.learning.nu if self.learning.nu is not None else 0.1, layers)
        for index, nu in enumerate(nus):
            _rule(nu >= 0, f"learning.nu[{index}] must be 0 or more, not {nu}")
        return tuple(math.floor(_exact(nu) * size) for nu, size in zip(nus, self.network.sizes, strict=False))

    @cached_property
    def fixed_rates(self) -> PerLayer | None:
        """Reinforcement rates that the settings fix, or None where training derives them from p_r."""
        if self.learning.rates is None:
            return None
        return self._per_layer("learning.rates", self.learning.rates, self.network.layers)

    @cached_property
    def shapes(self) -> tuple[LayerShape, ...]:
        """Geometry of every layer that learns."""
        return self._all_shapes[:-1]

    @property
    def classifier_shape(self) -> LayerShape:
        """Geometry of the classifier."""
        return self._all_shapes[-1]

    @property
    def lanes(self) -> int:
        """XNOR-popcount lanes of the whole design, classifier included."""
        return sum(shape.rows * shape.columns for shape in self._all_shapes)

    @property
    def work(self) -> int:
        """XNOR operations of one forward pass, classifier included."""
        return sum(shape.outputs * shape.inputs for shape in self._all_shapes)

    @cached_property
    def _all_shapes(self) -> tuple[LayerShape, ...]:
        hardware, layers = self.hardware, self.network.layers
        rows, columns = (
            tuple(min(asked, bound) for bound in bounds) if isinstance(asked, int) else asked
            for asked, bounds in ((hardware.rows, self._outputs), (hardware.columns, self._inputs))
        )
        update = (
            tuple(default_update_columns(width) for width in columns[:layers])
            if hardware.update_columns is None
            else self._per_layer("hardware.update_columns", hardware.update_columns, layers)
        )
        return tuple(
            LayerShape(
                index=index,
                inputs=self._inputs[index],
                outputs=self._outputs[index],
                rows=rows[index],
                columns=columns[index],
                update_columns=update[index] if index < layers else 1,
            )
            for index in range(layers + 1)
        )

    @property
    def _inputs(self) -> PerLayer:
        return self.network.sizes

    @property
    def _outputs(self) -> PerLayer:
        return (*self.network.sizes[1:], self.network.classes)

    def to_json(self) -> str:
        """The settings as given, as JSON with sorted keys: what manifests hash and checkpoints compare."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True)
