"""What a board is: data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bephw.boards.devices import Device, FamilyName

__all__ = ["Board", "Light"]


@dataclass(frozen=True)
class Light:
    """A light of a board: a resource of its platform, or one colour of it."""

    resource: str
    number: int
    colour: str = ""


@dataclass(frozen=True)
class Board:
    """A board that trainers can be built for.

    Attributes:
        name: as in `settings.board.name`.
        description: one line.
        device: the FPGA's full name.
        chip: what is on it.
        platform: makes a fresh Amaranth platform, which has a resource `uart` of number `uart`.
        crystal: resource that brings the clock.
        crystal_mhz: its frequency.
        default_clock_mhz: the trainer's clock where the settings name none.
        lights: what shows that it learns.
        uart: number of the `uart` resource.
        uart_pins: the pins that the serial line was given, received bits first; None where the board has its own.
        programmer: what openFPGALoader calls the board, or its cable; empty where it knows neither.
        pll: what feeds the PLL: the crystal's own pin ("pad"), or a net; None where the chip's package has no PLL.
    """

    name: str
    description: str
    device: str
    chip: Device
    platform: Callable[[], Any]
    crystal: str
    crystal_mhz: float
    default_clock_mhz: float
    lights: tuple[Light, ...]
    uart: int
    uart_pins: tuple[str, str] | None = None
    programmer: tuple[str, ...] = ()
    pll: str | None = "net"

    @property
    def family(self) -> FamilyName:
        """Which primitives and tools it takes."""
        return self.chip.family.name

    @property
    def luts(self) -> int:
        """4-input look-up tables."""
        return self.chip.luts

    @property
    def ffs(self) -> int:
        """Flip-flops."""
        return self.chip.ffs

    @property
    def brams(self) -> int:
        """Block RAMs."""
        return self.chip.brams

    @property
    def bram_shapes(self) -> tuple[tuple[int, int], ...]:
        """(width, depth) choices of a block RAM with one write and one read port."""
        return self.chip.family.bram_shapes

    @property
    def sprams(self) -> int:
        """256 kbit single-port RAMs."""
        return self.chip.sprams

    @property
    def grid(self) -> tuple[int, int]:
        """Columns and rows of tiles, as nextpnr counts them."""
        return self.chip.grid

    @property
    def tools(self) -> tuple[str, ...]:
        """Toolchain names, in the order in which a build runs them."""
        return self.chip.family.tools

    @property
    def bitstream(self) -> str:
        """Suffix of the file that configures the board."""
        return self.chip.family.bitstream

    @property
    def options(self) -> Mapping[str, str]:
        """Overrides of the Amaranth build, by name."""
        return self.chip.options

    @property
    def bram_bits(self) -> int:
        """Bits in a block RAM."""
        return max(width * depth for width, depth in self.bram_shapes)

    @property
    def memory_kbit(self) -> int:
        """All RAM blocks together."""
        return (self.brams * self.bram_bits + self.sprams * 2**18) // 1024
