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
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from bephw.errors import BephwError
from bephw.generated import columns_fit
from bephw.limits import LARGEST_P_R, LARGEST_RATE, LARGEST_SIZE, MOST_EPOCHS
from bephw.shape import LayerShape, ceil_div, default_update_columns
from bephw.texts import read_toml
from bephw.validation import first_problem
from bephw.words import counted

__all__ = [
    "IN_PYTORCH",
    "Baseline",
    "Board",
    "Data",
    "Encoder",
    "GNet",
    "Hardware",
    "Learning",
    "Logic",
    "Network",
    "Sdram",
    "Settings",
]

PerLayer = tuple[int, ...]

# Values of `learning.algorithm` for which PyTorch trains, not the golden model.
IN_PYTORCH = ("ste", "logic", "gnet")

# Numbers as the user must write them: no 8.0 or true for an integer, no "0.5" for a number.
Int = Annotated[int, Field(strict=True)]
Float = Annotated[float, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Ints = tuple[Int, ...]

# Fields of `Data` that other sources would silently not use.
ONLY_FOR = {
    **dict.fromkeys(
        ("test_path", "label", "header", "separator", "decimal", "thousands", "comment", "charset"), ("csv",)
    ),
    **dict.fromkeys(("ignore", "categorical"), ("csv",)),
    "missing": ("csv", "npz"),
}
CounterMemory = Literal["bram", "spram"]

BURSTS = (1, 2, 4, 8, 16)
SHARPEST = 1_000_000  # soft sign of the baseline
MOST_SAMPLES = 16  # that meet a word of weights at once


def _exact(number: float) -> Fraction:
    """The decimal number the user wrote: 0.1 is one tenth, not the nearest binary fraction."""
    return Fraction(repr(number))


def _rule(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)


class Network(_Part):
    """Layer sizes: inputs, then the outputs of every layer; and the number of classes.

    Inputs may be left open as 0, "as many as an encoded sample has", and so may classes, "as many as the labels have":
    see `Settings.with_data`. In a recurrent network the first layer is the cell: `sizes[0]` inputs a time step and
    `sizes[1]` state bits.
    For inference only: `thresholds`, every neuron has an integer threshold, `a_j = (z_j >= threshold_j)`; with it,
    layers may have `generated` weights, which need no memory: an entry a layer, a nonzero 32-bit seed, or 0 for weights
    that are stored (`bephw.generated`); `scores`, every class has a scale and an offset, and the largest
    `scale_c * matches_c + offset_c` is the prediction. In a network of logic gates outputs are gates, and the last
    layer's are a multiple of the classes.
    """

    sizes: Ints = Field(min_length=2, max_length=129)
    classes: Int = Field(ge=0, le=LARGEST_SIZE)
    thresholds: Flag = False
    scores: Flag = False
    generated: Ints = ()

    @model_validator(mode="after")
    def _sizes_in_range(self) -> Self:
        for index, size in enumerate(self.sizes):
            if index == 0 and size == 0:
                continue
            _rule(1 <= size <= LARGEST_SIZE, f"sizes[{index}] must be 1 to {LARGEST_SIZE}, not {size}")
        _rule(self.classes != 1, "classes must be at least 2 (or 0, as many as the data have), not 1")
        return self

    @model_validator(mode="after")
    def _generated_is_for_inference(self) -> Self:
        if not self.generated:
            return self
        entries = len(self.generated)
        _rule(
            entries == self.layers,
            f"generated must have {counted(self.layers, 'entry', 'entries')}, one a layer, not {entries}",
        )
        for index, seed in enumerate(self.generated):
            _rule(0 <= seed < 2**32, f"generated[{index}] must be a 32-bit seed, or 0 for stored weights, not {seed}")
        _rule(self.thresholds, "thresholds must be true with generated weights, which do not learn, not false")
        return self

    @model_serializer(mode="wrap")
    def _without_what_is_not_given(self, inner: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Settings without scores and generated weights are those of before there were any, and have the same hash."""
        later = {name for name in ("scores", "generated") if not getattr(self, name)} - self.model_fields_set
        return {key: value for key, value in inner(self).items() if key not in later}

    @property
    def layers(self) -> int:
        """Number of layers with weights that learn."""
        return len(self.sizes) - 1

    @property
    def for_inference(self) -> str:
        """The field because of which it cannot learn; "" where it can."""
        return next((f"network.{name}" for name in ("thresholds", "scores") if getattr(self, name)), "")


class Learning(_Part):
    """Hyperparameters of numerics.md.

    `algorithm` is the program: error propagation through a perceptron ("bep") or through time ("bep-tt"), the local
    rule ("lbes"), its case of one layer ("cp+r"), the baseline ("ste", a straight-through estimator in PyTorch), a
    network of logic gates ("logic") or one of real numbers that becomes a binary one by random embedding ("gnet"),
    both in PyTorch too.
    `R` (margin in logit units) or `r` (R = ceil(r * K_l)); `G` (gate on |z|) or `nu` (G = floor(nu * K_in));
    `rates` (reinforcement in events of 2^-16 a sample) or `p_r` (the papers' probability, from which
    training derives the rates at every epoch). `gamma_patience`: gamma grows to the next divisor after so many
    epochs without a better validation accuracy. `average`: the network to predict with has the average of the weights
    after each epoch, with a memory of so many epochs; what training does is the same (but `gamma_patience` goes by the
    average's validation accuracy). `burst`: so many neighbouring counters of a row step at a reinforcement event, and
    derived rates are divided by it. `lag` 1: a batch reads the signs that the counters had at the end of the last batch
    but one, so that none waits for the lessons of the one before it. For comparison only, in the golden model:
    `reinforcement` "bernoulli" and `clipping` once a "batch" are the papers'; `update_stride` S steps only the columns
    k with (k + n) mod S = 0, n the sample's number in its batch. `order` of the samples of an epoch: a "permutation",
    or the "stride" with which a board's store runs by itself; "auto" is that of the board, see `Settings.order`.
    """

    algorithm: Literal["bep", "bep-tt", "lbes", "cp+r", "ste", "logic", "gnet"] = "bep"
    bits: Int = Field(default=8, ge=2, le=16)
    R: Int | Ints | None = None
    r: Float | None = Field(default=None, ge=-2, le=2)
    G: Int | Ints | None = None
    nu: Float | tuple[Float, ...] | None = None
    gamma: Int | Ints = 1
    gamma_patience: Int | None = Field(default=None, ge=1, le=MOST_EPOCHS)
    tie: Literal["keep", "plus"] = "keep"
    batch: Int = Field(default=100, ge=1, le=2**32 - 1)
    epochs: Int = Field(default=10, ge=1, le=MOST_EPOCHS)
    average: Int | None = Field(default=None, ge=1, le=LARGEST_SIZE)
    rates: Int | Ints | None = None
    p_r: Float | None = Field(default=None, ge=0, le=LARGEST_P_R)
    burst: Int = 1
    lag: Int = Field(default=0, ge=0, le=1)
    reinforcement: Literal["events", "bernoulli"] = "events"
    clipping: Literal["step", "batch"] = "step"
    update_stride: Int = Field(default=1, ge=1, le=LARGEST_SIZE)
    sigma: Float | None = Field(default=None, gt=0, le=LARGEST_SIZE)
    seed: Int = Field(default=0, ge=0, le=2**63 - 1)
    generators: Ints | None = None
    order: Literal["auto", "permutation", "stride"] = "auto"

    @model_validator(mode="after")
    def _one_spelling_each(self) -> Self:
        for first, second in (("R", "r"), ("G", "nu"), ("rates", "p_r")):
            both = getattr(self, first) is not None and getattr(self, second) is not None
            _rule(not both, f"{first} and {second} say the same thing: give one, not both")
        # Between the ends of batches counters go beyond their limits, and are kept in 16 bits.
        most = 15 if self.clipping == "batch" else 16
        _rule(self.bits <= most, f"bits must be at most {most} with clipping {self.clipping}, not {self.bits}")
        *others, last = map(str, BURSTS)
        _rule(self.burst in BURSTS, f"burst must be {', '.join(others)} or {last}, not {self.burst}")
        # Without events there is nothing that neighbours could join.
        bursts = self.reinforcement == "events" or self.burst == 1
        _rule(bursts, f"burst must be 1 with reinforcement {self.reinforcement}, not {self.burst}")
        return self

    @model_serializer(mode="wrap")
    def _without_what_is_not_given(self, inner: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Settings that name no order are those of before there was a choice, and have the same hash."""
        later = {"order"} - self.model_fields_set
        return {key: value for key, value in inner(self).items() if key not in later}


class Hardware(_Part):
    """Folding and ports of the generated trainer.

    `rows` outputs and `columns` inputs of a layer are worked on in parallel (PE and SIMD), for `samples` samples at a
    time, which share each word of weights: `samples` * `rows` * `columns` lanes. Results do not depend on it, nobody
    waits for company, and it divides `slots`; of neighbouring layers one number divides the other. `update_columns`
    counters of a row are stepped in parallel (it divides `columns`); `stream_width` is the number of input bits in
    a word of the sample stream; `slots` is the number of samples that may be in flight; `counter_memory` of a layer
    is dual-port block RAM, or iCE40UP5K's single-port RAM (there an update takes two cycles a word, and counters
    must be loaded at run time). `sample_memory` says where inputs and lists of open rows of samples in flight lie:
    in block RAM ("block"), or in what synthesis finds cheapest ("auto": on ECP5 LUT RAM where words are wide and
    few). `renewal` of the visible weights after a batch: the first forward pass copies them ("copy": a LUT a lane),
    or a sweep of the counter memory writes them anew ("sweep": outputs * row_chunks cycles of that memory every
    batch, hidden while updates leave it idle). `wire_registers` is the number of registers between a layer's
    memories and its lanes, a flip-flop a lane each, for designs that fill a large chip; `profile` adds a cycle
    counter for each phase.
    """

    rows: Int | Ints = 1
    columns: Int | Ints = 8
    samples: Int | Ints = 1
    update_columns: Int | Ints | None = None
    stream_width: Int = Field(default=8, ge=1, le=LARGEST_SIZE)
    slots: Int = Field(default=8, ge=1, le=64)
    counter_memory: CounterMemory | tuple[CounterMemory, ...] = "bram"
    sample_memory: Literal["block", "auto"] = "block"
    renewal: Literal["copy", "sweep"] = "copy"
    wire_registers: Int = Field(default=0, ge=0, le=4)
    profile: Flag = True


class Baseline(_Part):
    """The baseline's own hyperparameters (`learning.algorithm` "ste"); batch, epochs and seed are `learning`'s.

    `estimator`: the gradient passes the sign function where |z| <= 1 ("textbook"), or where |z| <= sqrt(K_in), divided
    by as much ("scaled", the stronger baseline; with batch norm, whose z has a deviation of 1, both are the same). Or
    it is that of the sign's Fourier series ("fda", FDA-BNN, with its noise adaptation modules in training where
    `noise`) or of a soft sign ("swish", BNN+); or training has that soft sign itself ("bnn++"), whose sharpness grows
    from `mu[0]` in the first epoch to `mu[1]` in the last.
    """

    batch_norm: Flag = False
    estimator: Literal["scaled", "textbook", "fda", "swish", "bnn++"] = "scaled"
    noise: Flag = True
    mu: tuple[Float, Float] = (2.0, 20.0)
    learning_rate: Float = Field(default=1e-3, gt=0, le=100)

    @model_validator(mode="after")
    def _sign_sharpens(self) -> Self:
        for index, value in enumerate(self.mu):
            _rule(0 < value <= SHARPEST, f"mu[{index}] must be above 0 and at most {SHARPEST}, not {value}")
        start, end = self.mu
        _rule(end >= start, f"mu[1] must be at least mu[0] = {start}, not {end}")
        return self


class Logic(_Part):
    """A network of two-input gates (`learning.algorithm` "logic"); batch, epochs and seed are `learning`'s.

    `tau`: class scores are numbers of active outputs divided by this; None is a third of the square root of the outputs
    a class. `connections`: every output of a layer is read as often as any other, or once more ("balanced"); pairs of
    neighbours first, then of ever larger distance, no pair twice ("unique"); or drawn for each gate ("random").
    `initial`: gates begin as wires that pass on their first input, nearly ("residual"), or as a random mixture
    ("normal"). `levels`: so many gates lie between two registers of the hardware.
    """

    tau: Float | None = Field(default=None, gt=0, le=LARGEST_SIZE)
    connections: Literal["balanced", "unique", "random"] = "balanced"
    initial: Literal["residual", "normal"] = "residual"
    learning_rate: Float = Field(default=0.01, gt=0, le=100)
    levels: Int = Field(default=4, ge=1, le=128)


class GNet(_Part):
    """A G-Net and its embedding (`learning.algorithm` "gnet"); batch, epochs and seed are `learning`'s.

    `network.sizes` are those of the network of real numbers. Each of its layers, and its classifier, becomes a random
    layer with `dimensions` outputs and a layer of its own; `hardware` is about these. `alpha`: what the slope of tanh
    starts from, before it is learnt. `noise`: training sees the noise that the embedding will have.
    """

    dimensions: Int | Ints = 1000
    alpha: Float = Field(default=10.0, gt=0, le=LARGEST_SIZE)
    noise: Flag = True
    learning_rate: Float = Field(default=0.01, gt=0, le=100)


class Encoder(_Part):
    """How features become bits.

    `thermometer`: `levels` thresholds a feature, `spacing` "uniform" between its smallest and largest value,
    "distributive" at its quantiles, or "gaussian" at the quantiles of a normal distribution with its mean and
    deviation; `median`: one bit a feature; `threshold`: one bit a feature, above the share `threshold` of the features'
    common range; `none`: features are bits; `kept`: nothing is fitted, the encoder is the one that .npz file `path` has
    (as `bephw train --state` and `bephw import` write it). With `min_share`, bits that are 1 in at most this share of
    the training samples, or in at least 1 - this share of them, are left out; 0 leaves out those that are constant.
    `edges`, for images only, adds eight bits a pixel: in four directions (along rows, columns and both diagonals) the
    difference of the two neighbours across the pixel is compared with plus and minus this share of the brightnesses.
    """

    kind: Literal["thermometer", "median", "threshold", "none", "kept"] = "median"
    path: str | None = None
    levels: Int = Field(default=3, ge=1, le=255)
    spacing: Literal["uniform", "distributive", "gaussian"] = "uniform"
    threshold: Float = Field(default=0.5, ge=0, le=1)
    min_share: Float | None = Field(default=None, ge=0, lt=0.5)
    edges: Float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _fields_of_the_kind(self) -> Self:
        kept = self.kind == "kept"
        _rule(kept == (self.path is not None), "path must be given for kind kept, and for no other")
        fitted = self.min_share is not None or self.edges is not None
        _rule(not (kept and fitted), "min_share and edges are fitted: leave them out for kind kept")
        return self


class Data(_Part):
    """Which samples: a named data set, or the user's own: a table as text ("csv") or arrays ("npz") in file `path`.

    `series` is the name of a UCR data set, or of one of scikit-learn's. Where the source does not say which samples are
    held out, `test_fraction` of every class are, drawn by `seed`. `missing`: a value that is missing in a column of
    numbers becomes the median of the training samples, and in a column of words a word of its own; None refuses it.

    Tables: `test_path` is a second file, of the samples that are held out. `label` is the column of the labels, by name
    or by number (from 0, or from -1, the last, which is the default). `header` says whether the first line holds names;
    None looks: it does where no cell of it is a number. `separator`, of one character or a regular expression, is found
    where None. `decimal`, `thousands`, `comment` (what a line that is left out begins with) and `charset` (UTF-8 where
    None) are as the file has them. Columns `ignore` are left out; columns `categorical` are words, though they may look
    like numbers.

    For recurrent networks a sample is cut into steps of `window` features. `steps` is how many steps a sample has at
    most, which hardware is generated for; None is as many as the data have.
    With `folds`, training and test samples are pooled and dealt into so many stratified folds by `seed`, and fold
    `fold` (from 0) is the test set. `validation_fraction` of the training samples are kept apart for choosing
    hyperparameters, where the source has no validation samples of its own. `shift`, for images only: in every epoch
    each training image is moved by a random number of pixels, at most so many, both ways, before it is encoded.
    """

    name: Literal["digits", "mnist", "fashion_mnist", "random_prototypes", "ucr", "sklearn", "npz", "csv"] = "digits"
    path: str | None = None
    test_path: str | None = None
    series: str | None = None
    label: Int | str | None = None
    header: Flag | None = None
    separator: str | None = Field(default=None, min_length=1)
    decimal: Literal[".", ","] = "."
    thousands: str | None = Field(default=None, min_length=1, max_length=1)
    comment: str | None = Field(default=None, min_length=1)
    charset: str | None = None
    ignore: tuple[Int | str, ...] = ()
    categorical: tuple[Int | str, ...] = ()
    missing: Literal["median"] | None = None
    window: Int | None = Field(default=None, ge=1, le=LARGEST_SIZE)
    steps: Int | None = Field(default=None, ge=1, le=LARGEST_SIZE)
    encoder: Encoder = Encoder()
    test_fraction: Float = Field(default=0.2, gt=0, lt=1)
    validation_fraction: Float | None = Field(default=None, gt=0, lt=1)
    folds: Int | None = Field(default=None, ge=2, le=1000)
    fold: Int = Field(default=0, ge=0)
    shift: Int = Field(default=0, ge=0, le=LARGEST_SIZE)
    seed: Int = Field(default=0, ge=0, le=2**63 - 1)

    @model_validator(mode="after")
    def _fold_in_range(self) -> Self:
        _rule(self.fold < (self.folds or 1), f"fold must be 0 to {(self.folds or 1) - 1}, not {self.fold}")
        return self

    @model_validator(mode="after")
    def _used_by_the_source(self) -> Self:
        for field, sources in ONLY_FOR.items():
            given = getattr(self, field) != Data.model_fields[field].default
            _rule(
                not given or self.name in sources,
                f"{field} is for {' and '.join(sources)}: leave it out for {self.name}",
            )
        _rule(self.thousands != self.decimal, f"thousands must not be the decimal sign, {self.decimal!r}")
        _rule(self.separator != self.decimal, f"separator must not be the decimal sign, {self.decimal!r}")
        _rule(self.separator not in ('"', "\n", "\r"), f"separator must not be {self.separator!r}")
        return self


class Sdram(_Part):
    """A board's SDRAM chip of 16 bits and 4 banks; the defaults suit every chip that ULX3S was sold with.

    `clock_mhz` is the most that it runs at: it gets the fastest that the PLL makes beside the trainer's clock.
    `row_bits` and `column_bits` are those of an address: 13 and 9 are 32 MB, 13 and 10 are 64 MB. `cas` is the latency
    of a read in cycles; times `t_..` are the data sheet's, in nanoseconds, and `refresh_us` is the average from one
    refresh to the next. `capture` is how many half cycles after a read command leaves its data are taken; None is
    computed from the clock.
    """

    clock_mhz: Float = Field(default=100.0, gt=10, le=200)
    row_bits: Int = Field(default=13, ge=11, le=13)
    column_bits: Int = Field(default=9, ge=8, le=10)
    cas: Int = Field(default=3, ge=2, le=3)
    t_rcd: Float = Field(default=20, gt=0, le=1000)
    t_rp: Float = Field(default=20, gt=0, le=1000)
    t_ras: Float = Field(default=45, gt=0, le=1000)
    t_rc: Float = Field(default=66, gt=0, le=1000)
    t_rfc: Float = Field(default=66, gt=0, le=1000)
    t_wr: Float = Field(default=15, gt=0, le=1000)
    refresh_us: Float = Field(default=7.8, ge=1, le=1000)
    capture: Int | None = Field(default=None, ge=4, le=16)


StoreKind = Literal["none", "auto", "bram", "spram", "sdram"]


class Board(_Part):
    """Target board, the trainer's clock, the speed of its serial port, and where it keeps samples.

    `store` is the memory that keeps a data set, from which an epoch runs without the host: block RAM that is left over,
    UP5K's single-port RAM, SDRAM, or ("auto") the first of these that holds `store_samples`; where that is None, the
    one that holds the most, all of it.
    """

    name: str = "icebreaker"
    clock_mhz: Float | None = Field(default=None, gt=0, le=1000)
    baud: Int = Field(default=1_000_000, ge=300, le=12_000_000)
    uart_pins: tuple[str, str] | None = None
    store: StoreKind = "none"
    store_samples: Int | None = Field(default=None, ge=1, le=2**32 - 1)
    sdram: Sdram = Sdram()

    @model_validator(mode="after")
    def _samples_have_a_store(self) -> Self:
        _rule(
            self.store != "none" or self.store_samples is None,
            f"store_samples is for a store: leave it out for store none, not {self.store_samples}",
        )
        return self

    @model_serializer(mode="wrap")
    def _without_what_is_not_given(self, inner: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Settings that name neither pins nor a store are those of before there were any, and have the same hash."""
        later = {"uart_pins", "store", "store_samples", "sdram"} - self.model_fields_set
        return {key: value for key, value in inner(self).items() if key not in later}


class Settings(_Part):
    """Everything that defines a trainer. Frozen; equal settings give the same bits everywhere."""

    network: Network
    learning: Learning = Learning()
    baseline: Baseline = Baseline()
    logic: Logic = Logic()
    gnet: GNet = GNet()
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

    @property
    def open(self) -> bool:
        """Whether the settings leave inputs or classes to the data."""
        return not (self.network.sizes[0] and self.network.classes)

    @property
    def names_data(self) -> bool:
        """Whether they say which data set; where they do not, the network need not fit the default one."""
        return "name" in self.data.model_fields_set

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
        for name, value, bounds in (("rows", rows, self._outputs), ("columns", columns, self._inputs)):
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

    # -- rules that span several fields ---------------------------------------------------------

    @model_validator(mode="after")
    def _fields_fit_together(self) -> Self:
        layers, algorithm = self.network.layers, self.learning.algorithm
        _rule(
            algorithm != "cp+r" or layers == 1,
            f"network.sizes must have one layer for learning.algorithm cp+r, not {layers}",
        )
        _rule(
            algorithm != "bep-tt" or layers >= 2,
            f"network.sizes must have a cell and at least one layer after it for bep-tt, not {layers} in all",
        )
        _rule(
            not self.in_pytorch or self.learning.average is None,
            f"learning.average is for binary error propagation: leave it out for {algorithm}, not "
            f"{self.learning.average}",
        )
        _rule(
            algorithm != "gnet" or not self.network.thresholds,
            "network.thresholds must be false for learning.algorithm gnet: its network of real numbers has none",
        )
        _rule(
            not self.in_pytorch or not self.network.scores,
            f"network.scores must be false for learning.algorithm {algorithm}: they are for inference",
        )
        cell_seed = self.network.generated[0] if self.network.generated else 0
        _rule(
            not (self.recurrent and cell_seed),
            f"network.generated[0] must be 0 in a recurrent network, whose cell has stored weights, not {cell_seed}",
        )
        self._check_logic()
        _rule(
            self.data.window is None or algorithm in ("bep-tt", "ste"),
            f"data.window is for recurrent networks: leave it out for learning.algorithm {algorithm}",
        )
        _rule(
            self.data.steps is None or self.recurrent,
            f"data.steps is for recurrent networks: leave it out for learning.algorithm {algorithm}",
        )
        for index, R in enumerate(self.margins):
            _rule(-(2**31) <= R < 2**31, f"learning.R[{index}] must be {-(2**31)} to {2**31 - 1}, not {R}")
        for index, (gamma, outputs) in enumerate(zip(self.gamma, self.network.sizes[1:], strict=True)):
            _rule(
                1 <= gamma <= outputs and outputs % gamma == 0,
                f"learning.gamma[{index}] must divide the layer's {counted(outputs, 'output')}, not {gamma}",
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
        self._check_length(
            "hardware.counter_memory",
            None if isinstance(self.hardware.counter_memory, str) else self.hardware.counter_memory,
            layers,
        )
        if algorithm == "gnet":
            self._check_dimensions()
            return self  # Folding is that of the embedded network, and is checked with it.
        self._check_samples()
        if not self.open:
            self._check_folding()
        return self

    def _check_logic(self) -> None:
        network = self.network
        if self.learning.algorithm != "logic":
            return
        _rule(not network.thresholds, "network.thresholds must be false for learning.algorithm logic, not true")
        gates, classes = network.sizes[-1], network.classes
        _rule(
            not classes or gates % classes == 0,
            f"network.sizes[{network.layers}] must be a multiple of network.classes, {classes}, for learning.algorithm "
            f"logic, as many gates for each, not {gates}",
        )
        if self.logic.connections == "unique":
            for index, (outputs, inputs) in enumerate(self.matrices):
                pairs = inputs * (inputs - 1) // 2
                _rule(
                    inputs == 0 or outputs <= pairs,
                    f"network.sizes[{index + 1}] must be at most {pairs} with logic.connections unique, the pairs of "
                    f"{counted(inputs, 'input')}, not {outputs}",
                )

    def _check_dimensions(self) -> None:
        for index, size in enumerate(self.dimensions):
            _rule(1 <= size <= LARGEST_SIZE, f"gnet.dimensions[{index}] must be 1 to {LARGEST_SIZE}, not {size}")

    def _check_samples(self) -> None:
        for index, number in enumerate(self.samples):
            _rule(
                1 <= number <= MOST_SAMPLES,
                f"hardware.samples[{index}] must be 1 to {MOST_SAMPLES}, not {number}",
            )
            _rule(
                self.hardware.slots % number == 0,
                f"hardware.samples[{index}] must divide hardware.slots, {self.hardware.slots}, not {number}",
            )
            below = self.samples[index - 1] if index else 1
            _rule(
                number % below == 0 or below % number == 0,
                f"hardware.samples[{index}] must divide the {below} of the layer below, or be a multiple, not {number}",
            )

    def _check_folding(self) -> None:
        for name, bounds in (("rows", self._outputs), ("columns", self._inputs)):
            asked = getattr(self.hardware, name)
            if asked == Hardware.model_fields[name].default:
                # Clipped to every layer, also where the widest is narrower; and written out in full, by `to_json`,
                # settings that leave it out are read again as the same.
                continue
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
                f"hardware.update_columns[{shape.index}] must divide the layer's {counted(shape.columns, 'column')}, "
                f"not {shape.update_columns}",
            )
        for shape, seed in zip(self.shapes, self.network.generated, strict=False):
            _rule(
                not seed or columns_fit(shape.columns, shape.inputs),
                f"hardware.columns[{shape.index}] must divide 32, be a multiple of 32, or be as many as the inputs, "
                f"{shape.inputs}, of a layer with generated weights, not {shape.columns}",
            )

    def _per_layer(self, name: str, value: Any, length: int) -> tuple[Any, ...]:
        if isinstance(value, tuple):
            self._check_length(name, value, length)
            return value
        return (value,) * length

    @staticmethod
    def _check_length(name: str, value: Sequence[Any] | None, length: int) -> None:
        if value is not None:
            _rule(
                len(value) == length,
                f"{name} must have {counted(length, 'entry', 'entries')}, one a layer, not {len(value)}",
            )

    # -- derived values -------------------------------------------------------------------------

    @cached_property
    def gamma(self) -> PerLayer:
        """Winner group size of every layer."""
        return self._per_layer("learning.gamma", self.learning.gamma, self.network.layers)

    @cached_property
    def dimensions(self) -> PerLayer:
        """Outputs of the random layers that a G-Net's layers and its classifier get."""
        return self._per_layer("gnet.dimensions", self.gnet.dimensions, self.network.layers + 1)

    @cached_property
    def samples(self) -> PerLayer:
        """How many samples meet a word of weights at once, in every layer."""
        return self._per_layer("hardware.samples", self.hardware.samples, self.network.layers)

    @cached_property
    def single_ports(self) -> tuple[bool, ...]:
        """Whether a layer's counters lie in memory with a single port."""
        kinds = self._per_layer("hardware.counter_memory", self.hardware.counter_memory, self.network.layers)
        return tuple(kind == "spram" for kind in kinds)

    @property
    def in_pytorch(self) -> bool:
        """Whether PyTorch trains the network, not the golden model."""
        return self.learning.algorithm in IN_PYTORCH

    @property
    def recurrent(self) -> bool:
        """Whether a sample is a series of steps, and the first layer a cell with a state."""
        return self.learning.algorithm == "bep-tt" or (
            self.learning.algorithm == "ste" and self.data.window is not None
        )

    @property
    def local(self) -> bool:
        """Whether every layer has a classifier and a margin of its own (LBES)."""
        return self.learning.algorithm == "lbes"

    @property
    def order(self) -> Literal["permutation", "stride"]:
        """In which order an epoch has its samples: where nothing is said, "stride" for a board with a store."""
        if self.learning.order == "auto":
            return "permutation" if self.board.store == "none" else "stride"
        return self.learning.order

    @cached_property
    def matrices(self) -> tuple[tuple[int, int], ...]:
        """(K_out, K_in) of every layer that learns; a cell's inputs are those of a step, then its state."""
        return tuple(zip(self.network.sizes[1:], self._inputs, strict=False))

    @cached_property
    def margins(self) -> PerLayer:
        """R of every classifier (section 3): one a layer for the local rule, else one for the last layer."""
        widths = self.network.sizes[1:] if self.local else self.network.sizes[-1:]
        if self.learning.R is not None:
            return self._per_layer("learning.R", self.learning.R, len(widths))
        r = self.learning.r if self.learning.r is not None else 0.25
        return tuple(math.ceil(_exact(r) * width) for width in widths)

    @property
    def R(self) -> int:
        """Margin of the last layer's classifier."""
        return self.margins[-1]

    @cached_property
    def G(self) -> PerLayer:
        """Gate on |z| of every layer; the first is used by a recurrent cell only (section 4)."""
        layers = self.network.layers
        if self.learning.G is not None:
            return self._per_layer("learning.G", self.learning.G, layers)
        nus = self._per_layer("learning.nu", self.learning.nu if self.learning.nu is not None else 0.1, layers)
        for index, nu in enumerate(nus):
            _rule(0 <= nu <= LARGEST_SIZE, f"learning.nu[{index}] must be 0 to {LARGEST_SIZE}, not {nu}")
        return tuple(math.floor(_exact(nu) * size) for nu, size in zip(nus, self._inputs, strict=False))

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
    def gated_shapes(self) -> tuple[LayerShape, ...]:
        """Of the layers that pass errors on, by a gate on |z|: a perceptron's first has nobody to pass them on to, a
        cell has itself, a step before; none does where the rule is local."""
        return () if self.local else self.shapes if self.recurrent else self.shapes[1:]

    @property
    def classifier_shape(self) -> LayerShape:
        """Geometry of the last layer's classifier."""
        return self._all_shapes[-1]

    @cached_property
    def classifier_shapes(self) -> tuple[LayerShape, ...]:
        """Geometry of every classifier, the last layer's last: one a layer for the local rule, else that one alone.

        A hidden layer's classifier, whose index is the layer's, has one row, and the fewest columns with which it takes
        no more than half the cycles of the slowest of layers, last classifier and sample stream: so it never sets the
        pace, and the end of a batch does not wait long for its last lesson.
        """
        if not self.local:
            return (self.classifier_shape,)
        last, classes = self.classifier_shape, self.network.classes
        pace = max(
            ceil_div(self.network.sizes[0], self.hardware.stream_width),
            *(shape.forward_cycles for shape in (*self.shapes, last)),
        )
        hidden = [
            LayerShape(index, inputs, classes, 1, ceil_div(inputs, max(pace // 2 // classes, 1)), 1)
            for index, inputs in enumerate(self.network.sizes[1:-1])
        ]
        return (*hidden, last)

    @property
    def lanes(self) -> int:
        """XNOR-popcount lanes of the whole design, classifiers included."""
        return sum(shape.lanes for shape in (*self.shapes, *self.classifier_shapes))

    @property
    def work(self) -> int:
        """XNOR operations of one forward pass, all steps of a cell and the classifiers included."""
        first, *rest = (shape.outputs * shape.inputs for shape in (*self.shapes, *self.classifier_shapes))
        return first * (self.data.steps or 1) + sum(rest)

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
        cells = range(1 if self.recurrent else 0)
        return tuple(
            LayerShape(
                index=index,
                inputs=self._inputs[index],
                outputs=self._outputs[index],
                rows=rows[index],
                columns=columns[index],
                update_columns=update[index] if index < layers else 1,
                steps=self.data.steps if index in cells else None,
                slots=hardware.slots // self.samples[index] if index in cells else 1,
                burst=self.learning.burst if index < layers else 1,
                samples=self.samples[index] if index < layers else 1,
            )
            for index in range(layers + 1)
        )

    @cached_property
    def _inputs(self) -> PerLayer:
        first, *rest = self.network.sizes
        return (first + rest[0] if self.recurrent else first, *rest)

    @property
    def _outputs(self) -> PerLayer:
        return (*self.network.sizes[1:], self.network.classes)

    def to_json(self) -> str:
        """The settings as given, as JSON with sorted keys: what manifests hash and checkpoints compare."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True)
