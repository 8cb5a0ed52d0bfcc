"""An SDRAM chip's pins on ECP5."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import io, wiring
from amaranth.lib.wiring import In

from bephw.boards.store.sdram.pins import SdramPinsSignature

__all__ = ["PAD_CYCLES", "SdramPads"]

PAD_CYCLES = 4
"""From the registers that drive `pins` until the pads show it, 3, and from the pads until `rising` and `falling` do."""


class SdramPads(wiring.Component):
    """All pins go through the pads' registers for both edges, so that all take equally long; the chip's clock is ours
    inverted. `platform` has a resource `sdram`."""

    def __init__(self, row_bits: int) -> None:
        super().__init__({"pins": In(SdramPinsSignature(row_bits))})

    def elaborate(self, platform):
        m = Module()
        pins, chip = self.pins, platform.request("sdram", 0, dir="-")

        def drive(name, low, high):
            if hasattr(chip, name):
                m.submodules[name] = pad = io.DDRBuffer("o", getattr(chip, name), o_domain="sdram")
                m.d.comb += [pad.o[0].eq(low), pad.o[1].eq(high)]

        drive("clk", 0, 1)
        for name, value in (
            ("clk_en", 1),
            ("cs", 1),
            ("we", pins.command[0]),
            ("cas", pins.command[1]),
            ("ras", pins.command[2]),
            ("ba", pins.bank),
            ("a", pins.address),
            ("dqm", 0),
        ):
            drive(name, value, value)
        m.submodules.dq = data = io.DDRBuffer("io", chip.dq, i_domain="sdram", o_domain="sdram")
        m.d.comb += [
            data.o[0].eq(pins.out),
            data.o[1].eq(pins.out),
            data.oe.eq(pins.drive),
            pins.rising.eq(data.i[0]),
            pins.falling.eq(data.i[1]),
        ]
        return m
