"""Section `[baseline]`: straight-through estimators."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bephw.settings.section import Flag, Float, Section, rule

__all__ = ["Baseline"]


SHARPEST = 1_000_000  # soft sign


class Baseline(Section):
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
            rule(0 < value <= SHARPEST, f"mu[{index}] must be above 0 and at most {SHARPEST}, not {value}")
        start, end = self.mu
        rule(end >= start, f"mu[1] must be at least mu[0] = {start}, not {end}")
        return self
