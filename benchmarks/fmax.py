"""Area and clock of a trainer alone, without a board around it, and the path that limits the clock.

    python benchmarks/fmax.py examples/fashion_ulx3s.toml [--part up5k] [--set hardware.rows=8] [--seed 2] [--json OUT]
    python benchmarks/fmax.py --case "digits, 64 lanes"        # one of benchmarks/cases.py, without cycle counters

Cells are those of the trainer, memories empty. "Levels" are the LUTs and carry chains between two registers.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cases import case, settings_of
from figures import write

from bephw.boards.bitstream.out_of_context import PARTS, Measured, out_of_context
from bephw.boards.bitstream.reports import Hop
from bephw.cli.options import read_settings
from bephw.rtl_gen.trainer import Trainer


def summary(path: tuple[Hop, ...]) -> dict[str, Any]:
    """Ends, length and composition of a path."""
    logic = [hop for hop in path if hop.kind == "logic"]
    return {
        "start": f"{path[0].cell} {path[0].port}",
        "end": f"{path[-1].cell} {path[-1].port}",
        "ns": round(sum(hop.ns for hop in path), 3),
        "routing_ns": round(sum(hop.ns for hop in path if hop.kind == "routing"), 3),
        # A carry chain is one level, however many cells it runs through.
        "levels": sum(hop.port not in ("COUT", "FCO") for hop in logic),
    }


def lines(found: Measured) -> list[str]:
    """The figures as text."""
    luts, rams = f"{found.luts} of {found.luts_available} LUTs", f"{found.brams} of {found.brams_available} block RAMs"
    text = [
        f"{luts}, {found.ffs} flip-flops, {found.ram_registers} bits of block RAM output registers, {rams}, "
        f"{found.sprams} single-port RAMs, {found.dsps} multipliers",
        f"{found.fmax_mhz:.1f} MHz",
    ]
    if found.path:
        path = summary(found.path)
        text.append(f"from {path['start']}\nto   {path['end']}")
        text.append(f"{path['ns']} ns, {path['routing_ns']} of them routing, {path['levels']} levels")
        text += [f"  {hop.ns:6.3f} {hop.kind:8} {hop.cell} {hop.port} {hop.net}".rstrip() for hop in found.path]
    return text


def command(options: argparse.Namespace) -> str:
    """What measures the same again."""
    words = ["python", "benchmarks/fmax.py", *(["--case", options.case] if options.case else [str(options.settings)])]
    words += [] if options.part == "ecp5" else ["--part", options.part]
    words += [word for change in options.changes for word in ("--set", change)]
    words += [] if options.clock is None else ["--clock", f"{options.clock:g}"]
    return shlex.join(words + ([] if options.seed == 1 else ["--seed", str(options.seed)]))


def main() -> None:
    """Build one trainer alone and print what it takes and what limits its clock."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("settings", type=Path, nargs="?")
    what.add_argument("--case", type=case, metavar="NAME")
    parser.add_argument("--part", choices=list(PARTS), default="ecp5")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="changes")
    parser.add_argument("--clock", type=float, metavar="MHZ", help="what place and route aims at")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="show what the tools say")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    if options.case and options.changes:
        parser.error("--set goes with a settings file, not with --case")
    if options.case:
        settings = settings_of(options.case).replace({"hardware.profile": False})
    else:
        settings = read_settings(options.settings, tuple(options.changes))
    began = time.monotonic()
    say = (lambda line: print(line, file=sys.stderr)) if options.verbose else None
    found = out_of_context(Trainer(settings), options.part, clock_mhz=options.clock, seed=options.seed, on_line=say)
    seconds = round(time.monotonic() - began, 1)
    device = PARTS[options.part].device
    print(f"{options.case or options.settings.stem} on {device}: {settings.lanes} lanes, {seconds:.0f} s")
    print("\n".join(lines(found)))
    if options.json:
        figures = {
            "benchmark": "fmax", "command": command(options), "device": device, "seed": options.seed,
            "seconds": seconds, "lanes": settings.lanes, "settings": settings.model_dump(mode="json"), **asdict(found),
            "critical_path": summary(found.path) if found.path else None,
        }  # fmt: skip
        write(options.json, figures)


if __name__ == "__main__":
    main()
