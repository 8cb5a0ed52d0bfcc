"""Amaranth's build plans, changed and run as this project needs it: the same for boards and for measurements."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amaranth.hdl import Elaboratable

from bephw.boards.devices import FamilyName
from bephw.boards.ecp5.block_ram_sites import assign_block_rams
from bephw.boards.ecp5.carry_chains import trim_carry_chains
from bephw.boards.ecp5.dies import DIES
from bephw.boards.ecp5.output_registers import use_output_registers
from bephw.errors import BephwError
from bephw.netlist import bracket_free, relax_memories
from bephw.rtl_gen.parts.memory_contents import memory_contents_by_word
from bephw.toolchain import Tool

__all__ = ["LOG", "NAME", "NETLIST", "PLACED", "REPORT", "Synthesised", "commands", "plan", "run_stage", "synthesise"]

NAME = "bephw"
CELLS, REPORT, NETLIST, PLACED, LOG = "cells.json", "report.json", f"{NAME}.json", "placed.json", f"{NAME}.tim"
NOT_LOGIC = {"DP16KD", "PDPW16KD", "MULT18X18D", "ALU54B"}  # of ECP5: cells in rows of their own


@dataclass(frozen=True)
class Synthesised:
    """What is known of a design after synthesis.

    Attributes:
        ram_registers: bits of registers that moved into block RAMs.
        logic_only: it has neither block RAMs nor multipliers; not found out but on ECP5.
    """

    ram_registers: int = 0
    logic_only: bool = False


def plan(
    platform: Any, top: Elaboratable, options: Mapping[str, str], *, seed: int = 1, placement: bool = False
) -> dict[str, str]:
    """The files of Amaranth's build plan by name, memories relaxed (bephw/netlist.py). Runs no tool.

    Args:
        platform: an Amaranth platform, fresh.
        options: overrides of the build, as Amaranth's platform takes them; `nextpnr_opts` come after our own.
        seed: of place and route.
        placement: nextpnr also writes the placed design, to `PLACED`; for some platforms it does so anyway.
    """
    place_and_route = f"--timing-allow-fail --report {REPORT} --seed {seed}"
    if placement and not getattr(platform, "writes_placement", False):
        place_and_route += f" --write {PLACED}"
    with memory_contents_by_word():
        made = platform.build(
            top,
            name=NAME,
            do_build=False,
            verbose=True,  # without it the tools say nothing until they are done
            script_after_synth=f"tee -q -o {CELLS} stat -json",
            **{**options, "nextpnr_opts": f"{place_and_route} {options.get('nextpnr_opts', '')}"},
        )
    files = dict(made.files)
    files[f"{NAME}.il"] = relax_memories(bracket_free(files[f"{NAME}.il"]))
    return files


def commands(files: dict[str, str]) -> list[list[str]]:
    """The plan's command lines: synthesis, place and route, packing; not what some boards' loaders want after that."""
    return json.loads(files[f"build_{NAME}.json"])["commands"][:3]


def synthesise(
    what: str,
    family: FamilyName,
    files: dict[str, str],
    tools: dict[str, Tool],
    folder: Path,
    say: Callable[[str], None],
) -> Synthesised:
    """Write a plan's files into a folder and run its first command there. On ECP5 registers then move into block RAMs,
    carry chains lose what nextpnr would put around them, and block RAMs get sites where there are few to spare.

    Args:
        what: is built, for messages.
        tools: by the names that the plan has for them.
        say: called with every line of progress.

    Raises `BephwError` where a tool fails, and on ECP5 where the chip has too few block RAMs.
    """
    for name, content in files.items():
        (folder / name).write_text(content)
    tool, *arguments = commands(files)[0]
    run_stage(f"{what}: synthesis", tools[tool], arguments, folder, say)
    if family != "ecp5":
        return Synthesised()
    netlist = json.loads((folder / NETLIST).read_text())
    moved, trimmed = use_output_registers(netlist), trim_carry_chains(netlist)
    say(f"{what}: block RAM output registers: {moved} bits; carry chains: {trimmed} LUT4 less")
    placed = sum(assign_block_rams(netlist, DIES[option]) for option in commands(files)[1] if option in DIES)
    if placed:
        say(f"{what}: block RAMs with a site: {placed}")
    (folder / NETLIST).write_text(json.dumps(netlist))
    kinds = {cell["type"] for module in netlist["modules"].values() for cell in module.get("cells", {}).values()}
    return Synthesised(moved, logic_only=not kinds & NOT_LOGIC)


def run_stage(what: str, tool: Tool, arguments: list[str], folder: Path, say: Callable[[str], None]) -> None:
    """Run one tool, passing its lines on. Raises `BephwError` with its last error line."""
    say(f"{what}: {tool.name} {tool.version} ({tool.source})")
    # Temporary files in the folder, by a relative name: Yosys gives theirs to its own commands unquoted.
    environment = {**tool.full_environment(), "TMPDIR": "."}
    last, error = "it said nothing", None
    with subprocess.Popen(
        [*tool.command, *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        try:
            for line in map(str.strip, process.stdout):
                if line:
                    say(line)
                    last, error = line, line if line.startswith("ERROR") else error
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise BephwError(f"{what} failed: {tool.name}: {error or last}")
