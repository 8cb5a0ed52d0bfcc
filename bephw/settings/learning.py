"""Section `[learning]`: how weights come about."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bephw.limits import LARGEST_P_R, LARGEST_SIZE, MOST_EPOCHS
from bephw.settings.section import Float, Int, Ints, Section, rule

__all__ = ["IN_PYTORCH", "Learning"]


IN_PYTORCH = ("ste", "logic", "gnet")
"""Values of `algorithm` for which PyTorch trains, not the golden model."""

BURSTS = (1, 2, 4, 8, 16)


class Learning(Section):
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

    LATER = frozenset({"order"})

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
            rule(not both, f"{first} and {second} say the same thing: give one, not both")
        # Between the ends of batches counters go beyond their limits, and are kept in 16 bits.
        most = 15 if self.clipping == "batch" else 16
        rule(self.bits <= most, f"bits must be at most {most} with clipping {self.clipping}, not {self.bits}")
        *others, last = map(str, BURSTS)
        rule(self.burst in BURSTS, f"burst must be {', '.join(others)} or {last}, not {self.burst}")
        # Without events there is nothing that neighbours could join.
        bursts = self.reinforcement == "events" or self.burst == 1
        rule(bursts, f"burst must be 1 with reinforcement {self.reinforcement}, not {self.burst}")
        return self
