"""What synthesis and place and route say about a design."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bephw.boards.devices import FamilyName
from bephw.errors import BephwError

__all__ = ["Hop", "Usage", "read_critical_path", "read_store_clock", "read_usage"]

# Names of nextpnr's cells: logic cells, block RAMs, single-port RAMs, DSPs.
CELLS = {
    "ice40": {"luts": "ICESTORM_LC", "brams": "ICESTORM_RAM", "sprams": "ICESTORM_SPRAM", "dsps": "ICESTORM_DSP"},
    "ecp5": {"luts": "TRELLIS_COMB", "brams": "DP16KD", "dsps": "MULT18X18D"},
    "gowin": {"luts": "LUT4", "brams": "BSRAM", "dsps": "MULT18X18"},
    "gatemate": {"luts": "CPE_LT", "brams": "RAM_HALF", "dsps": "CPE_MULT"},
}
# What takes the place of LUTs without being counted among them: cells of carry chains, and RAMs of four LUTs.
IN_PLACE_OF_LUTS = {"gowin": {"ALU": 1, "RAM16SDP4": 4}}
# GateMate's RAMs are counted in halves, and nextpnr counts cells.
HALVES = {"CC_BRAM_20K": 1, "CC_BRAM_40K": 2}
FLIP_FLOPS = {"ice40": "SB_DFF", "ecp5": "TRELLIS_FF", "gowin": "DFF", "gatemate": "CC_DFF"}


@dataclass(frozen=True)
class Usage:
    """Cells used and available, and the highest clock of the trainer's domain in MHz.

    `ram_registers` are bits of output registers in use inside block RAMs, which `ffs` does not count.
    """

    luts: int
    luts_available: int
    ffs: int
    ram_registers: int
    brams: int
    brams_available: int
    sprams: int
    sprams_available: int
    dsps: int
    fmax_mhz: float


@dataclass(frozen=True)
class Hop:
    """A step of a path through the placed design.

    Attributes:
        kind: "clk-to-q", "routing", "logic" or "setup", as nextpnr calls it.
        ns: its delay.
        cell, port: where it ends.
        net: what it goes along, empty within a cell.
    """

    kind: str
    ns: float
    cell: str
    port: str
    net: str = ""


STORE_CLOCK = "sdram_clk"
"""How nets of the clock of a store's memory end (boards/store/sdram/clock.py)."""


def read_usage(family: FamilyName, place_and_route: Path, cells: Path, *, ram_registers: int = 0) -> Usage:
    """From nextpnr's JSON report and from Yosys' `stat -json`, less the registers that moved into block RAMs after it.

    iCE40 has a LUT and a flip-flop in a logic cell, and `luts` are logic cells: what limits a design. Raises
    `BephwError` where the files are not as expected.
    """
    try:
        report = json.loads(place_and_route.read_text())
        counts = json.loads(cells.read_text())["design"]["num_cells_by_type"]
        used = {
            what: report["utilization"].get(name, {"used": 0, "available": 0}) for what, name in CELLS[family].items()
        }
        beside = IN_PLACE_OF_LUTS.get(family, {}).items()
        return Usage(
            luts=used["luts"]["used"]
            + sum(size * report["utilization"].get(name, {"used": 0})["used"] for name, size in beside),
            luts_available=used["luts"]["available"],
            ffs=sum(count for name, count in counts.items() if name.lstrip("\\").startswith(FLIP_FLOPS[family]))
            - ram_registers,
            ram_registers=ram_registers,
            brams=sum(size * counts.get(name, 0) for name, size in HALVES.items())
            if family == "gatemate"
            else used["brams"]["used"],
            brams_available=used["brams"]["available"],
            sprams=used["sprams"]["used"] if "sprams" in used else 0,
            sprams_available=used["sprams"]["available"] if "sprams" in used else 0,
            dsps=used["dsps"]["used"],
            fmax_mhz=_slowest(report["fmax"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BephwError(f"report of place and route {place_and_route.name}: not understood: {error!r}") from error


def read_critical_path(place_and_route: Path) -> tuple[Hop, ...]:
    """The slowest path between registers, from nextpnr's JSON report; empty where there is none.

    Raises `BephwError` where the report is not as expected.
    """
    try:
        paths = json.loads(place_and_route.read_text())["critical_paths"]
        between = [item["path"] for item in paths if "<async>" not in (item["from"], item["to"])]
        slowest: list[dict[str, Any]] = max(between, key=lambda path: sum(hop["delay"] for hop in path), default=[])
        return tuple(
            Hop(hop["type"], round(hop["delay"], 3), hop["to"]["cell"], hop["to"]["port"], hop.get("net", ""))
            for hop in slowest
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BephwError(f"report of place and route {place_and_route.name}: not understood: {error!r}") from error


def read_store_clock(place_and_route: Path) -> tuple[float, float] | None:
    """The highest clock of a store's memory, if that has a clock of its own, and the one that was asked for, in MHz.

    Raises `BephwError` where the report is not as expected.
    """
    try:
        clocks = json.loads(place_and_route.read_text())["fmax"]
        found = [
            (round(clock["achieved"], 2), round(clock["constraint"], 2))
            for name, clock in clocks.items()
            if name.endswith(STORE_CLOCK)
        ]
        return min(found, default=None)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BephwError(f"report of place and route {place_and_route.name}: not understood: {error!r}") from error


def _slowest(clocks: dict[str, Any]) -> float:
    """There is one clock after the PLL, and perhaps a store's; before it nothing is clocked, so the slowest of the
    others is the trainer's."""
    clocks = {name: clock for name, clock in clocks.items() if not name.endswith(STORE_CLOCK)}
    if not clocks:
        raise ValueError("no clock in it")
    return round(min(clock["achieved"] for clock in clocks.values()), 2)
