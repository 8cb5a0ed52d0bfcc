"""Section `[board]`: where it runs."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bephw.settings.section import Float, Int, Section, rule

__all__ = ["Board", "Sdram"]


class Sdram(Section):
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


class Board(Section):
    """Target board, the trainer's clock, the speed of its serial port, and where it keeps samples.

    `store` is the memory that keeps a data set, from which an epoch runs without the host: block RAM that is left over,
    UP5K's single-port RAM, SDRAM, or ("auto") the first of these that holds `store_samples`; where that is None, the
    one that holds the most, all of it.
    """

    LATER = frozenset({"uart_pins", "store", "store_samples", "sdram"})

    name: str = "icebreaker"
    clock_mhz: Float | None = Field(default=None, gt=0, le=1000)
    baud: Int = Field(default=1_000_000, ge=300, le=12_000_000)
    uart_pins: tuple[str, str] | None = None
    store: StoreKind = "none"
    store_samples: Int | None = Field(default=None, ge=1, le=2**32 - 1)
    sdram: Sdram = Sdram()

    @model_validator(mode="after")
    def _samples_have_a_store(self) -> Self:
        rule(
            self.store != "none" or self.store_samples is None,
            f"store_samples is for a store: leave it out for store none, not {self.store_samples}",
        )
        return self
