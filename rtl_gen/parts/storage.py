"""Memories as this design uses them."""

from collections.abc import Iterable
from typing import NamedTuple

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

__all__ = ["LUT_RAM_BITS", "RamForm", "WideMemory", "block_memory", "block_width", "family", "piece_widths"]

BLOCK_SHAPES = ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384))  # width, depth of ECP5's block RAM

LUT_RAM_BITS = 5  # of an index to one of two lists: where there are more, four LUT RAMs a bit, a block RAM is better


class RamForm(NamedTuple):
    """A memory that a component has: width and depth; `block` where it asks for block RAM (see `block_memory`)."""

    width: int
    depth: int
    block: bool = False


def family(platform) -> str | None:
    """Which primitives a platform has: "ecp5", "ice40", or None where nothing is known."""
    name = getattr(platform, "family", None)
    return name and name.lower()


def block_memory(
    shape, depth: int, init: Iterable = (), *, huge: bool = False, block: bool = False, luts: bool = False
) -> Memory:
    """A memory of which no word is ever used that was read while it was being written.

    Without that promise Yosys surrounds a block RAM with bypass logic (bephw/netlist.py). `huge` asks for
    iCE40UP5K's single-port RAM: one address for reading and writing, and no initial content. `block` asks for block
    RAM where Yosys would take LUTs, which cost 1.5 a bit and read port where words are wide and few; `luts` for what is
    only read and shall take no RAM.
    """
    attributes: dict[str, int | str] = {"no_rw_check": 1}
    if huge or block or luts:
        attributes["ram_style"] = "huge" if huge else "block" if block else "logic"
    return Memory(shape=shape, depth=depth, init=init, attrs=attributes)


def block_width(depth: int) -> int | None:
    """Bits of a word of `depth` words that one ECP5 block RAM holds; None where it cannot hold one of each."""
    return next((width for width, most in BLOCK_SHAPES if depth <= most), None)


def piece_widths(width: int, depth: int, family: str | None) -> list[int]:
    """Widths of the pieces of a `WideMemory`, lowest bits first."""
    most = (block_width(depth) if family == "ecp5" else None) or width
    return [min(most, width - start) for start in range(0, width, most)]


class WideMemory(wiring.Component):
    """A `block_memory`; on an ECP5 platform, or with `family="ecp5"`, cut by width so that one block RAM holds all
    words of a piece (unless they are too many even for one bit).

    Left whole, Yosys cuts a deep memory in depth, which may take fewer blocks, but multiplexers follow them, where a
    register should. `read_data` follows `read_address` by a cycle.
    """

    def __init__(self, width: int, depth: int, init: Iterable[int] = (), family: str | None = None) -> None:
        self._width = width
        self._depth = depth
        self._init = list(init)
        self._family = family
        super().__init__(
            {
                "read_address": In(range(depth)),
                "read_data": Out(width),
                "write": In(1),
                "write_address": In(range(depth)),
                "write_data": In(width),
            }
        )

    def elaborate(self, platform):
        m = Module()
        start, parts = 0, self._family or family(platform)
        for index, width in enumerate(piece_widths(self._width, self._depth, parts)):
            mask, part = (1 << width) - 1, slice(start, start + width)
            piece = block_memory(width, self._depth, [(word >> start) & mask for word in self._init])
            m.submodules[f"piece_{index}"] = piece
            read, write = piece.read_port(), piece.write_port()
            m.d.comb += [
                read.addr.eq(self.read_address),
                read.en.eq(1),
                self.read_data[part].eq(read.data),
                write.addr.eq(self.write_address),
                write.en.eq(self.write),
                write.data.eq(self.write_data[part]),
            ]
            start += width
        return m
