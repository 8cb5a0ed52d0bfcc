"""What a board is: data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Board"]


@dataclass(frozen=True)
class Board:
    """A board that trainers can be built for.

    Attributes:
        name: as in `settings.board.name`.
        description: one line.
        family: which primitives and tools it takes.
        device: the FPGA.
        platform: makes a fresh Amaranth platform; raises ImportError without amaranth-boards.
        luts: 4-input look-up tables.
        ffs: flip-flops.
        brams: block RAMs.
        bram_shapes: (width, depth) choices of a block RAM with one write and one read port.
        shallowest_bram: memories with fewer words go elsewhere (LUT RAM, flip-flops).
        sprams: 256 kbit single-port RAMs.
        grid: columns and rows of tiles, as nextpnr counts them.
        crystal: resource that brings the clock.
        crystal_mhz: its frequency.
        default_clock_mhz: the trainer's clock where the settings name none.
        leds: number of `led` resources, from 0 on.
        uart: number of the `uart` resource.
        tools: toolchain names, in the order in which a build runs them.
        bitstream: suffix of the file that configures the board.
        options: overrides of the Amaranth build, by name.
    """

    name: str
    description: str
    family: Literal["ice40", "ecp5"]
    device: str
    platform: Callable[[], Any]
    luts: int
    ffs: int
    brams: int
    bram_shapes: tuple[tuple[int, int], ...]
    shallowest_bram: int
    sprams: int
    grid: tuple[int, int]
    crystal: str
    crystal_mhz: float
    default_clock_mhz: float
    leds: int
    uart: int
    tools: tuple[str, ...]
    bitstream: str
    options: dict[str, str]

    @property
    def bram_bits(self) -> int:
        """Bits in a block RAM."""
        return max(width * depth for width, depth in self.bram_shapes)

    @property
    def memory_kbit(self) -> int:
        """All RAM blocks together."""
        return (self.brams * self.bram_bits + self.sprams * 2**18) // 1024
