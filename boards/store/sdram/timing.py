"""The times of an SDRAM chip in clock cycles."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

from bephw.settings import Sdram

__all__ = ["BANK_BITS", "SdramTiming", "sdram_timing"]

BANK_BITS = 2
POWER_UP_US = 200
MODE = 2  # cycles from setting the mode to whatever comes next: all chips' own number
# From our edge to the chip's pins and back, and when the chip changes its data: the usual ones of chips of 133 MHz.
ROUND_TRIP_NS, ACCESS_NS, HOLD_NS = 3.0, 5.4, 2.5


@dataclass(frozen=True)
class SdramTiming:
    """Clock cycles, at least: `settings.board.sdram` says of what.

    Attributes:
        refresh: from one refresh to the next; at most.
        power_up: before the first command.
        mode: from setting the mode to the next command.
        capture: half cycles, from the edge at which a read command leaves to the one at which its data are taken.
    """

    row_bits: int
    column_bits: int
    cas: int
    rcd: int
    rp: int
    ras: int
    rc: int
    rfc: int
    wr: int
    refresh: int
    power_up: int
    capture: int
    mode: int = MODE

    @property
    def address_bits(self) -> int:
        """Of a word of 16 bits: column, bank, row, from the lowest."""
        return self.row_bits + BANK_BITS + self.column_bits


def sdram_timing(chip: Sdram, clock_mhz: float) -> SdramTiming:
    """At that clock.

    The chip's clock is ours inverted: commands and data have half a cycle to get there. Data leave the chip `cas` - 1
    cycles after its edge; they are taken at the edge of ours, rising or falling, that is nearest to the middle of the
    time for which they then stand: so there is one at every clock.
    """

    def cycles(nanoseconds: float) -> int:
        return max(1, ceil(round(nanoseconds * clock_mhz / 1000, 6)))

    middle = chip.cas + ((ACCESS_NS + HOLD_NS) / 2 + ROUND_TRIP_NS) * clock_mhz / 1000
    return SdramTiming(
        row_bits=chip.row_bits,
        column_bits=chip.column_bits,
        cas=chip.cas,
        rcd=cycles(chip.t_rcd),
        rp=cycles(chip.t_rp),
        ras=cycles(chip.t_ras),
        rc=cycles(chip.t_rc),
        rfc=cycles(chip.t_rfc),
        wr=cycles(chip.t_wr),
        refresh=floor(chip.refresh_us * clock_mhz),
        power_up=cycles(1000 * POWER_UP_US),
        capture=round(2 * middle) if chip.capture is None else chip.capture,
    )
