"""What a controller drives of an SDRAM chip, and the commands that it gives there."""

from __future__ import annotations

from enum import IntEnum

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["ALL_BANKS", "Command", "SdramPinsSignature"]

ALL_BANKS = 1 << 10
"""In the address of a precharge."""


class Command(IntEnum):
    """Active levels of WE, CAS and RAS, from the lowest bit."""

    NOP = 0b000
    MODE = 0b111
    REFRESH = 0b110
    PRECHARGE = 0b101
    ACTIVATE = 0b100
    WRITE = 0b011
    READ = 0b010


class SdramPinsSignature(wiring.Signature):
    """The chip is always selected and enabled, and no byte is ever masked. `drive` is whether `out` is on the data
    pins; all outputs are registers. What was on them at a rising edge is `rising` some cycles later, and at the
    falling edge behind that `falling`, as the input registers of pads for both edges have it."""

    def __init__(self, row_bits: int) -> None:
        super().__init__(
            {
                "command": Out(3),
                "bank": Out(2),
                "address": Out(row_bits),
                "out": Out(16),
                "drive": Out(1),
                "rising": In(16),
                "falling": In(16),
            }
        )
