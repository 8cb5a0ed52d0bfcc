"""Amaranth's build plans, changed and run as this project needs it: the same for boards and for measurements."""

from __future__ import annotations

import json
import math
import re
import subprocess
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from amaranth.hdl import Elaboratable

from bephw.boards.bitstream.reports import Usage, read_usage
from bephw.boards.devices import FamilyName
from bephw.boards.ecp5.block_ram_sites import DIES, assign_block_rams
from bephw.boards.ecp5.carry_chains import trim_carry_chains
from bephw.boards.ecp5.output_registers import use_output_registers
from bephw.errors import BephwError
from bephw.netlist import bracket_free, relax_memories
from bephw.rtl_gen.parts.memory_contents import memory_contents_by_word
from bephw.toolchain import Tool
from bephw.words import counted

__all__ = ["NAME", "PLACED", "REPORT", "commands", "plan", "run_stage", "synthesise", "synthesise_and_place"]

NAME = "bephw"
# nextpnr's routers may go round in circles for ever about a few wires: after so many rounds in which no less was left
# than before, they are stopped. Of the older router a round is a line that it prints, and it is in a circle when the
# same is left line after line. Another seed places everything elsewhere.
ROUNDS, SAME, SEEDS = 500, 50, 4
ROUND = re.compile(r"iter=\d+ wires=\d+ overused=(?P<wires>\d+)|\d+ \|[ \d]+\|[ \d]+\| +(?P<arcs>\d+)\|")
# On iCE40 the newer router makes detours, which cost a third of the clock, but finds an end where the older one does
# not with any seed.
ROUTERS: dict[str, list[list[str]]] = {"ice40": [[], ["--router", "router2"]]}
# Its static placer may leave even a small design where nothing legal is near. The other one then may place it.
UNPLACED, STATIC, HEAP = "Unable to find legal placement", "static", "heap"
CELLS, REPORT, NETLIST, PLACED = "cells.json", "report.json", f"{NAME}.json", "placed.json"


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
) -> int:
    """Write a plan's files into a folder and run its first command there. On ECP5 registers then move into block RAMs,
    carry chains lose what nextpnr would put around them, and block RAMs get sites where there are few to spare.

    Args:
        what: is built, for messages.
        tools: by the names that the plan has for them.
        say: called with every line of progress.

    Returns how many bits of registers moved. Raises `BephwError` where a tool fails.
    """
    for name, content in files.items():
        (folder / name).write_text(content)
    tool, *arguments = commands(files)[0]
    run_stage(f"{what}: synthesis", tools[tool], arguments, folder, say)
    if family != "ecp5":
        return 0
    netlist = json.loads((folder / NETLIST).read_text())
    moved, trimmed = use_output_registers(netlist), trim_carry_chains(netlist)
    say(f"{what}: block RAM output registers: {moved} bits; carry chains: {trimmed} LUT4 less")
    placed = sum(assign_block_rams(netlist, DIES[option]) for option in commands(files)[1] if option in DIES)
    if placed:
        say(f"{what}: block RAMs with a site: {placed}")
    (folder / NETLIST).write_text(json.dumps(netlist))
    return moved


def synthesise_and_place(
    what: str,
    family: FamilyName,
    files: dict[str, str],
    tools: dict[str, Tool],
    folder: Path,
    say: Callable[[str], None],
) -> Usage:
    """`synthesise`, then the plan's second command; where the router does not come to an end, again with the next
    seed, and after `SEEDS` of them with another router, if the family has two (`ROUTERS`); where the placer finds
    nothing legal, with the other placer. Raises `BephwError` where a tool fails, and where nothing can be routed."""
    moved = synthesise(what, family, files, tools, folder, say)
    tool, *arguments = commands(files)[1]
    place = arguments.index("--seed") + 1
    first = int(arguments[place])
    for router, seed in product(ROUTERS.get(family, [[]]), range(first, first + SEEDS)):
        arguments[place] = str(seed)
        try:
            _place_and_route(what, tools[tool], [*arguments, *router], folder, say)
        except _CirclesError:
            say(f"{what}: place and route: {' '.join(router) or 'the router'} comes to no end with seed {seed}")
            continue
        return read_usage(family, folder / REPORT, folder / CELLS, ram_registers=moved)
    seeds = counted(SEEDS, "seed")
    raise BephwError(f"{what}: place and route failed: {tool} cannot route it with any of {seeds}: it is too full")


def _place_and_route(what: str, tool: Tool, arguments: list[str], folder: Path, say: Callable[[str], None]) -> None:
    """Once, or again with the other placer. Raises `_CirclesError` where the router comes to no end."""
    try:
        run_stage(f"{what}: place and route", tool, arguments, folder, _ends_circles(say))
    except BephwError as error:
        if UNPLACED not in str(error) or STATIC not in arguments:
            raise
        say(f"{what}: place and route: placer {STATIC} found no legal placement")
        arguments = [HEAP if argument == STATIC else argument for argument in arguments]
        run_stage(f"{what}: place and route", tool, arguments, folder, _ends_circles(say))


class _CirclesError(Exception):
    """The router makes no progress."""


def _ends_circles(say: Callable[[str], None]) -> Callable[[str], None]:
    """`say`, but raises `_CirclesError` when the router has gone through too many rounds that led nowhere."""
    least, before, vain, same = math.inf, -1, 0, 0

    def watch(line: str) -> None:
        nonlocal least, before, vain, same
        say(line)
        if found := ROUND.search(line):
            left = int(found["wires"] or found["arcs"])
            vain = 0 if left < least else vain + 1
            same = same + 1 if found["arcs"] and left == before else 0
            least, before = min(least, left), left
            if left and (vain >= ROUNDS or same >= SAME):
                raise _CirclesError

    return watch


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
