"""What a component takes on an FPGA when it is built alone, and how fast it is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from amaranth.build import Clock, Pins, Resource
from amaranth.lib.wiring import Component
from amaranth.vendor import LatticeECP5Platform, SiliconBluePlatform

from bephw.boards.bitstream.few_pins import FewPins
from bephw.boards.bitstream.place_and_route import synthesise_and_place
from bephw.boards.bitstream.reports import Hop, Usage, read_critical_path
from bephw.boards.bitstream.stages import REPORT, plan
from bephw.boards.devices import DEVICES, FamilyName
from bephw.errors import BephwError
from bephw.toolchain import require

__all__ = ["PARTS", "Measured", "Part", "out_of_context"]


@dataclass(frozen=True)
class Part:
    """An FPGA to measure on.

    Attributes:
        device: its full name.
        family: which primitives and tools it takes.
        clock_mhz: the clock that place and route aims at.
        pins: for clock, reset, data in, data out.
        platform: class and attributes of the Amaranth platform.
        options: overrides of the Amaranth build.
    """

    device: str
    family: FamilyName
    clock_mhz: float
    pins: tuple[str, str, str, str]
    platform: tuple[type, Mapping[str, str]]
    options: Mapping[str, str]


PARTS: Mapping[str, Part] = {
    "ecp5": Part(
        device="LFE5U-85F-6BG381",
        family="ecp5",
        clock_mhz=160,
        pins=("G2", "D6", "R1", "T1"),
        platform=(LatticeECP5Platform, {"device": "LFE5U-85F", "package": "BG381", "speed": "6"}),
        options=DEVICES["LFE5U-85F"].options,
    ),
    "up5k": Part(
        device="iCE40UP5K-SG48",
        family="ice40",
        clock_mhz=36,
        pins=("35", "10", "20", "12"),
        platform=(SiliconBluePlatform, {"device": "iCE40UP5K", "package": "SG48"}),
        options=DEVICES["iCE40UP5K"].options,
    ),
    "hx8k": Part(
        device="iCE40HX8K-CT256",
        family="ice40",
        clock_mhz=100,
        pins=("J3", "N2", "B10", "B12"),
        platform=(SiliconBluePlatform, {"device": "iCE40HX8K", "package": "CT256"}),
        options={"synth_opts": "-device hx"},
    ),
}


@dataclass(frozen=True)
class Measured(Usage):
    """A component's cells and clock, and the path that limits the clock."""

    path: tuple[Hop, ...]


def out_of_context(
    component: Component,
    part: str = "ecp5",
    *,
    clock_mhz: float | None = None,
    seed: int = 1,
    router: str | None = None,
    on_line: Callable[[str], None] | None = None,
) -> Measured:
    """Synthesise, place and route a component with registers around it (`FewPins`), as boards are built.

    Args:
        component: with a signature; its domain `sync` is the measured one.
        part: key of `PARTS`.
        clock_mhz: what place and route aims at, instead of the part's own.
        seed: of place and route; the clock varies by some 5 % between seeds.
        router: nextpnr's, `router1` or `router2`, instead of its default.
        on_line: called with every line of progress, bephw's own and the tools'.

    Returns cells less those around the component. On iCE40, where `luts` are logic cells, that is a few too many off:
    registers around it that share a cell with its logic. Raises `BephwError` where a tool is missing or fails, as when
    the component does not fit.
    """
    if part not in PARTS:
        raise BephwError(f"part must be one of {', '.join(PARTS)}, not {part!r}")
    target = PARTS[part]
    tools = {name: require(name) for name in ("yosys", f"nextpnr-{target.family}")}
    top = FewPins(component)
    options = dict(target.options)
    if router:
        options["nextpnr_opts"] = f"{options.get('nextpnr_opts', '')} --router {router}"
    clock_mhz, say = clock_mhz or target.clock_mhz, on_line or (lambda line: None)
    files = plan(_bare(target, clock_mhz), top, options, seed=seed)
    # Tools in WebAssembly get relative names only: they see /tmp as another folder.
    with tempfile.TemporaryDirectory(prefix="bephw-measure-") as name:
        folder = Path(name)
        usage = synthesise_and_place(target.device, target.family, files, tools, folder, say, clock_mhz=clock_mhz)
        path = read_critical_path(folder / REPORT)
    own = top.luts if target.family == "ecp5" else top.ffs
    found = {**asdict(usage), "luts": usage.luts - own, "ffs": usage.ffs - top.ffs}
    return Measured(**found, path=path)


def _bare(part: Part, clock_mhz: float) -> Any:
    """An Amaranth platform of the part and four pins."""
    clock, *others = part.pins
    resources = [Resource("clk", 0, Pins(clock, dir="i"), Clock(clock_mhz * 1e6))]
    for name, pin in zip(("rst", "data_in", "data_out"), others, strict=True):
        resources.append(Resource(name, 0, Pins(pin, dir="o" if name == "data_out" else "i")))
    base, attributes = part.platform
    return type("Bare", (base,), {**attributes, "resources": resources, "connectors": []})()
