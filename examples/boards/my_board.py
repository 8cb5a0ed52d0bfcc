"""A board that amaranth-boards does not have, in one file: `bephw build --board examples/boards/my_board.py SETTINGS`.

Copy it and change chip, pins and clock. Chips: iCE40 (LatticeICE40Platform), ECP5 (LatticeECP5Platform) and Gowin
(GowinPlatform), as in docs/boards.md.
"""

from amaranth.build import Attrs, Clock, Connector, Pins, PinsN, Resource
from amaranth.vendor import LatticeECP5Platform

PIN = Attrs(IO_TYPE="LVCMOS33")


class MyBoardPlatform(LatticeECP5Platform):
    """A 25F with a 50 MHz crystal, two lights and a connector"""

    device = "LFE5U-25F"
    package = "BG256"
    speed = "6"
    default_clk = "clk50"
    resources = [
        Resource("clk50", 0, Pins("M1", dir="i"), Clock(50e6), PIN),
        Resource("led", 0, PinsN("E13", dir="o"), PIN),
        Resource("led", 1, PinsN("D14", dir="o"), PIN),
    ]
    connectors = [Connector("pmod", 0, "K16 K15 L16 L15 - - J16 J15 J14 J13 - -")]

    # Without a resource `uart` of number 0: the pins of the serial line, received bits first.
    uart_pins = ("pmod_0:3", "pmod_0:2")
    # How openFPGALoader finds it, for `bephw program`.
    programmer = ("-c", "ft232")
