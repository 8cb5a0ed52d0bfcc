"""Sipeed Tang Nano 20K, which amaranth-boards does not have: clock, serial line, lights and buttons."""

from __future__ import annotations

from amaranth.build import Attrs, Clock, Connector, Pins, Resource
from amaranth_boards.resources import ButtonResources, LEDResources, UARTResource

from bephw.boards.gowin import HimbaechelGowin

__all__ = ["TangNano20kPlatform"]

PIN = Attrs(IO_TYPE="LVCMOS33")


class TangNano20kPlatform(HimbaechelGowin):
    """GW2AR-18 with a 27 MHz crystal; the serial line goes to the board's USB bridge."""

    part = "GW2AR-LV18QN88C8/I7"
    family = "GW2AR-18C"
    default_clk = "clk27"
    resources = [
        Resource("clk27", 0, Pins("4", dir="i"), Clock(27e6), PIN),
        UARTResource(0, rx="70", tx="69", attrs=Attrs(PULL_MODE="UP", IO_TYPE="LVCMOS33")),
        *LEDResources(pins="15 16 17 18 19 20", invert=True, attrs=PIN),
        *ButtonResources(pins="88 87", attrs=PIN),
    ]
    connectors: list[Connector] = []
