"""FPGAs: what is on a chip, and how the open tools are asked to use it. One table, whatever board a chip is on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bephw.errors import BephwError

__all__ = ["DEVICES", "FAMILIES", "Device", "Family", "FamilyName", "device_named"]

FamilyName = Literal["ice40", "ecp5", "gowin", "gatemate"]


@dataclass(frozen=True)
class Family:
    """What chips of a family have in common.

    Attributes:
        name: which primitives they have.
        bram_shapes: (width, depth) choices of a block RAM with one write and one read port.
        tools: toolchain names, in the order in which a build runs them.
        bitstream: suffix of the file that configures a chip.
    """

    name: FamilyName
    bram_shapes: tuple[tuple[int, int], ...]
    tools: tuple[str, ...]
    bitstream: str


@dataclass(frozen=True)
class Device:
    """A chip, as nextpnr counts it.

    Attributes:
        family: which primitives and tools it takes.
        luts: 4-input look-up tables.
        brams: block RAMs.
        sprams: 256 kbit single-port RAMs.
        grid: columns and rows of tiles.
        clock_mhz: a trainer's clock where nothing else is asked for.
        ffs: flip-flops.
        options: overrides of the Amaranth build, by name.
        speed: how fast its logic is, in units of the chip whose clocks the planner knows for the family.
    """

    family: Family
    luts: int
    ffs: int
    brams: int
    sprams: int
    grid: tuple[int, int]
    clock_mhz: int
    options: Mapping[str, str]
    speed: float = 1.0


FAMILIES: Mapping[FamilyName, Family] = {
    "ice40": Family(
        name="ice40",
        bram_shapes=((16, 256), (8, 512), (4, 1024), (2, 2048)),
        tools=("yosys", "nextpnr-ice40", "icepack"),
        bitstream=".bin",
    ),
    "ecp5": Family(
        name="ecp5",
        bram_shapes=((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384)),
        tools=("yosys", "nextpnr-ecp5", "ecppack"),
        bitstream=".bit",
    ),
    "gowin": Family(
        name="gowin",
        bram_shapes=((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384)),
        tools=("yosys", "nextpnr-himbaechel-gowin", "gowin_pack"),
        bitstream=".fs",
    ),
    "gatemate": Family(
        name="gatemate",
        bram_shapes=((40, 512), (20, 1024), (10, 2048), (5, 4096), (2, 8192), (1, 16384)),
        tools=("yosys", "nextpnr-himbaechel-gatemate", "gmpack"),
        bitstream=".bit",
    ),
}

# The eight flip-flops of a tile share their enable: without -dffe_min_ce_use, which makes logic of enables that few
# share, a design that fills the device finds no legal placement, and with 5, for which few tiles are wasted, one
# that is ten times as slow to find, and slower. The router is the default one: `--router router2` makes detours in a
# full device, which cost the digits a third of the clock (21 instead of 30 MHz).
_ICE40_LOGIC = "-dffe_min_ce_use 12"
# Without -nowidelut Yosys spends nearly twice the LUTs on popcounts. Nothing else that was tried pays: -dff saves
# 1 % in ten times the time, -cmp2softlogic costs 0.5 % more, -nodsp 9 %. The static placer leaves 30 % less wire
# than the default one where a design fills the block RAMs: it is then faster, and routed in a quarter of the time.
_ECP5_OPTIONS = {"synth_opts": "-nowidelut", "nextpnr_opts": "--placer static", "ecppack_opts": "--compress"}


def _ice40(size: str, luts: int, brams: int, sprams: int, grid: tuple[int, int], clock_mhz: int, speed: float):
    kinds = {"u": f"-device u -dsp -spram {_ICE40_LOGIC}", "hx": f"-device hx {_ICE40_LOGIC}"}
    kinds["lp"] = kinds["hx"].replace("hx", "lp")
    return Device(FAMILIES["ice40"], luts, luts, brams, sprams, grid, clock_mhz, {"synth_opts": kinds[size]}, speed)


def _ecp5(luts: int, brams: int, grid: tuple[int, int]) -> Device:
    return Device(FAMILIES["ecp5"], luts, luts, brams, 0, grid, 50, _ECP5_OPTIONS)


def _gowin(luts: int, brams: int, grid: tuple[int, int], speed: float) -> Device:
    # A quarter of the LUTs, those that can also be RAM, have no flip-flop.
    return Device(FAMILIES["gowin"], luts, luts * 3 // 4, brams, 0, grid, 27, {}, speed)


# The open tools use all of the die: HX4K is that of HX8K, LFE5U-12F that of LFE5U-25F.
_25F, _45F, _85F = _ecp5(24_288, 56, (73, 51)), _ecp5(43_848, 108, (91, 72)), _ecp5(83_640, 208, (127, 96))

DEVICES: Mapping[str, Device] = {
    "iCE40HX1K": _ice40("hx", 1280, 16, 0, (14, 18), 36, 2.6),
    "iCE40LP1K": _ice40("lp", 1280, 16, 0, (14, 18), 24, 1.6),
    "iCE40UP5K": _ice40("u", 5280, 30, 4, (26, 32), 12, 1.0),
    "iCE40HX4K": _ice40("hx", 7680, 32, 0, (34, 34), 36, 2.6),
    "iCE40HX8K": _ice40("hx", 7680, 32, 0, (34, 34), 36, 2.6),
    "iCE40LP8K": _ice40("lp", 7680, 32, 0, (34, 34), 24, 1.6),
    "LFE5U-12F": _25F,
    **{f"LFE5{line}-25F": _25F for line in ("U", "UM", "UM5G")},
    **{f"LFE5{line}-45F": _45F for line in ("U", "UM", "UM5G")},
    **{f"LFE5{line}-85F": _85F for line in ("U", "UM", "UM5G")},
    "GW1NR-9C": _gowin(8_640, 26, (47, 29), 2.4),
    **dict.fromkeys(("GW2A-18", "GW2A-18C", "GW2AR-18C"), _gowin(20_736, 46, (56, 55), 4.2)),
    # Each of its 20,480 cells is two look-up tables, and each of its 32 RAMs two halves.
    "CCGM1A1": Device(FAMILIES["gatemate"], 40_960, 40_960, 64, 0, (166, 134), 25, {}, 1.6),
}


def device_named(name: str) -> Device:
    """The device of that name. Raises `BephwError`."""
    if name not in DEVICES:
        raise BephwError(f"device must be one of {', '.join(DEVICES)}, not {name!r}")
    return DEVICES[name]
