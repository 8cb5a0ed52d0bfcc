"""Section `[data]`: which samples, and how they become bits."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bephw.limits import LARGEST_SIZE
from bephw.settings.section import Flag, Float, Int, Section, rule

__all__ = ["Data", "Encoder"]


# Fields that other sources would silently not use.
ONLY_FOR = {
    **dict.fromkeys(
        ("test_path", "label", "header", "separator", "decimal", "thousands", "comment", "charset"), ("csv",)
    ),
    **dict.fromkeys(("ignore", "categorical"), ("csv",)),
    "missing": ("csv", "npz"),
}


class Encoder(Section):
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
        rule(kept == (self.path is not None), "path must be given for kind kept, and for no other")
        fitted = self.min_share is not None or self.edges is not None
        rule(not (kept and fitted), "min_share and edges are fitted: leave them out for kind kept")
        return self


class Data(Section):
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
        rule(self.fold < (self.folds or 1), f"fold must be 0 to {(self.folds or 1) - 1}, not {self.fold}")
        return self

    @model_validator(mode="after")
    def _used_by_the_source(self) -> Self:
        for field, sources in ONLY_FOR.items():
            given = getattr(self, field) != Data.model_fields[field].default
            rule(
                not given or self.name in sources,
                f"{field} is for {' and '.join(sources)}: leave it out for {self.name}",
            )
        rule(self.thousands != self.decimal, f"thousands must not be the decimal sign, {self.decimal!r}")
        rule(self.separator != self.decimal, f"separator must not be the decimal sign, {self.decimal!r}")
        rule(self.separator not in ('"', "\n", "\r"), f"separator must not be {self.separator!r}")
        return self
