"""nextpnr, run as often and as is needed until a design is routed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from bephw.boards.bitstream.reports import Usage, read_usage
from bephw.boards.bitstream.stages import (
    CELLS,
    LOG,
    NETLIST,
    PLACED,
    REPORT,
    commands,
    run_stage,
    synthesise,
)
from bephw.boards.devices import FamilyName
from bephw.boards.ecp5.dies import DIES, Die
from bephw.boards.ecp5.row_spreading import spread_rows
from bephw.errors import BephwError
from bephw.toolchain import Tool
from bephw.words import counted

__all__ = ["synthesise_and_place"]

Say = Callable[[str], None]

# nextpnr's routers may go round in circles for ever about a few wires: after so many rounds in which no less was left
# than before, they are stopped. Of the older router a round is a line that it prints, and it is in a circle when the
# same is left line after line. Another seed places everything elsewhere. A router that rips up what is too slow never
# ends where the clock cannot be met; where it can, three rounds in vain were the most that were seen.
ROUNDS, SAME, SEEDS, TIMING_ROUNDS = 500, 50, 4, 30
ROUND = re.compile(
    r"iter=\d+ wires=\d+ overused=(?P<wires>\d+)(?: overuse=\d+ tmgfail=(?P<late>\d+))?"
    r"|\d+ \|[ \d]+\|[ \d]+\| +(?P<arcs>\d+)\|"
)
# On iCE40 the newer router makes detours, which cost a third of the clock, but finds an end where the older one does
# not with any seed.
ROUTERS: dict[str, list[list[str]]] = {"ice40": [[], ["--router", "router2"]]}
# Its static placer may leave even a small design where nothing legal is near. The other one then may place it.
UNPLACED, STATIC, HEAP = "Unable to find legal placement", "static", "heap"
# Where tiles were moved apart: the newer router, which makes detours, and takes back those that are too late for a
# share of the clock: first a little more than all, as it may end below what it aims at by some percent. Where
# it comes to no end with any, it keeps them.
SPREAD_ROUTER, RIPUP, AIMS = ["--router", "router2"], "--tmg-ripup", (1.02, 1, 0.95, 0.9, 0.8, 0.65)
SPREAD = "spread.json"
CONSTRAINTS = "--lpf"  # of pins and clocks: the placed design has those of pins, and routing has a clock of its own


def synthesise_and_place(
    what: str,
    family: FamilyName,
    files: dict[str, str],
    tools: dict[str, Tool],
    folder: Path,
    say: Say,
    *,
    clock_mhz: float,
) -> Usage:
    """`synthesise`, then the plan's second command; where the router does not come to an end, again with the next
    seed, and after `SEEDS` of them with another router, if the family has two (`ROUTERS`); where the placer finds
    nothing legal, with the other placer. On ECP5 designs of nothing but logic are placed first; if they are crowded,
    with the other placer again, and stretched over the die (boards/ecp5/row_spreading.py); and then routed.

    Args:
        clock_mhz: of the logic, what routing after a placement aims at.

    Raises `BephwError` where a tool fails, and where nothing can be routed.
    """
    made = synthesise(what, family, files, tools, folder, say)
    tool, *arguments = commands(files)[1]
    nextpnr = _Nextpnr(what, tools[tool], folder, say)
    die = next((DIES[option] for option in arguments if option in DIES), None)
    place = arguments.index("--seed") + 1
    first = int(arguments[place])
    for router, seed in product(ROUTERS.get(family, [[]]), range(first, first + SEEDS)):
        arguments[place] = str(seed)
        try:
            if die and made.logic_only:
                nextpnr.spread_and_route([*arguments, *router], die, clock_mhz)
            else:
                nextpnr.place_and_route([*arguments, *router])
        except _CirclesError:
            say(f"{what}: place and route: {' '.join(router) or 'the router'} comes to no end with seed {seed}")
            continue
        return read_usage(family, folder / REPORT, folder / CELLS, ram_registers=made.ram_registers)
    seeds = counted(SEEDS, "seed")
    raise BephwError(f"{what}: place and route failed: {tool} cannot route it with any of {seeds}: it is too full")


@dataclass(frozen=True)
class _Nextpnr:
    """nextpnr on one design. `arguments` are those of the build plan, and more that come after them."""

    what: str
    tool: Tool
    folder: Path
    say: Say

    def place_and_route(self, arguments: list[str]) -> None:
        """In one go, or again with the other placer. Raises `_CirclesError` where the router comes to no end."""
        try:
            self._run(arguments)
        except BephwError as error:
            if UNPLACED not in str(error) or STATIC not in arguments:
                raise
            self.say(f"{self.what}: place and route: placer {STATIC} found no legal placement")
            self._run(_with_heap(arguments))

    def spread_and_route(self, arguments: list[str], die: Die, clock_mhz: float) -> None:
        """Place, spread and route, if it is crowded; else as `place_and_route`. Raises as that."""
        design, moved = self._place_and_spread(arguments, die)
        if moved and STATIC in arguments:
            # Dense everywhere, and so equally stretched, by the other placer; this one's are dense in the middle.
            self.say(f"{self.what}: more wires than rows have room for: placed again")
            arguments = _with_heap(arguments)
            design, moved = self._place_and_spread(arguments, die)
        if not moved:
            return self.place_and_route(arguments)
        self.say(f"{self.what}: tiles moved apart: {moved}")
        placed = (self.folder / LOG).read_text(encoding="utf-8")
        # What these say would count for more than what the command line says.
        for setting in ("router", "target_freq"):
            design["modules"]["top"]["settings"].pop(setting, None)
        (self.folder / SPREAD).write_text(json.dumps(design), encoding="utf-8")
        routing = [SPREAD if argument == NETLIST else argument for argument in _without(CONSTRAINTS, arguments)]
        self._route_spread([*routing, "--no-pack", "--no-place"], clock_mhz)
        (self.folder / LOG).write_text(placed + (self.folder / LOG).read_text(encoding="utf-8"), encoding="utf-8")
        return None

    def _place_and_spread(self, arguments: list[str], die: Die) -> tuple[dict[str, Any], int]:
        """The placed design, and how many of its tiles were moved."""
        written = [] if "--write" in arguments else ["--write", PLACED]
        self.place_and_route([*arguments, *written, "--no-route"])
        design = json.loads((self.folder / PLACED).read_text(encoding="utf-8"))
        return design, spread_rows(design, die)

    def _route_spread(self, arguments: list[str], clock_mhz: float) -> None:
        """With `SPREAD_ROUTER` and the highest clock with which it ends, or with the router that is asked for."""
        if "--router" in arguments:
            return self._run([*arguments, "--freq", f"{clock_mhz:g}"])
        for aim in AIMS:
            freq = f"{clock_mhz * aim:g}"
            try:
                return self._run([*arguments, "--freq", freq, *SPREAD_ROUTER, RIPUP])
            except _CirclesError:
                self.say(f"{self.what}: place and route: {freq} MHz cannot be met, less is aimed at")
        return self._run([*arguments, "--freq", f"{clock_mhz:g}", *SPREAD_ROUTER])

    def _run(self, arguments: list[str]) -> None:
        run_stage(f"{self.what}: place and route", self.tool, arguments, self.folder, _ends_circles(self.say))


def _with_heap(arguments: list[str]) -> list[str]:
    return [HEAP if argument == STATIC else argument for argument in arguments]


def _without(option: str, arguments: list[str]) -> list[str]:
    """The arguments without an option and its value, if it is there."""
    if option not in arguments:
        return arguments
    place = arguments.index(option)
    return arguments[:place] + arguments[place + 2 :]


class _CirclesError(Exception):
    """The router makes no progress."""


def _ends_circles(say: Say) -> Say:
    """`say`, but raises `_CirclesError` when the router has gone through too many rounds that led nowhere."""
    least, before, vain, same = math.inf, -1, 0, 0

    def watch(line: str) -> None:
        nonlocal least, before, vain, same
        say(line)
        if found := ROUND.search(line):
            late = int(found["late"] or 0)
            left = int(found["wires"] or found["arcs"]) + late
            vain = 0 if left < least else vain + 1
            same = same + 1 if found["arcs"] and left == before else 0
            least, before = min(least, left), left
            if left and (vain >= (TIMING_ROUNDS if late else ROUNDS) or same >= SAME):
                raise _CirclesError

    return watch
