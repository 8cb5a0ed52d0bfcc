"""Area, clock and latency of networks of logic gates, by the levels of gates between two registers.

    python benchmarks/logic.py --state FILE [--part ecp5 hx8k up5k] [--levels 1 2 4] [--seed N] [--minutes N]
                               [--json FOLDER]

FILE is what `bephw train examples/digits_logic.toml --state FILE` wrote. Built without a board, as
benchmarks/inference.py does. A design that does not fit, or is not built in so many minutes, has that as its result.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from figures import write
from fmax import summary
from inference import at_most

from bephw.boards.bitstream.out_of_context import PARTS, out_of_context
from bephw.errors import BephwError
from bephw.flow.learnt import Learnt
from bephw.logic_state import LogicState
from bephw.rtl_gen.designs import make_design, timing
from bephw.rtl_gen.logic.inference import pipeline_of
from bephw.settings import Settings


def measure(settings: Settings, state: LogicState, part: str, *, seed: int, minutes: float) -> dict[str, Any]:
    """One row of the table."""
    start = time.monotonic()
    netlist = pipeline_of(settings, state).netlist
    row = {
        "sizes": [*settings.network.sizes, settings.network.classes],
        "part": part,
        "levels": settings.logic.levels,
        "gates": sum(len(layer.gate) for layer in state.layers),
        "netlist_gates": len(netlist.gates),
        "depth": netlist.depth,
        "latency_cycles": timing(settings, state, "unrolled").latency,
    }
    said = ["none"]
    try:
        with at_most(minutes, said):
            design = make_design(settings, state, "unrolled")
            found = out_of_context(design, part, clock_mhz=300, seed=seed, on_line=said.append)
    except BephwError as error:
        return {**row, "failed": str(error), "seconds": time.monotonic() - start}
    return {
        **row,
        "luts": found.luts,
        "ffs": found.ffs,
        "fmax_mhz": found.fmax_mhz,
        "latency_ns": 1000 * row["latency_cycles"] / found.fmax_mhz,
        "critical_path": summary(found.path) if found.path else None,
        "seconds": time.monotonic() - start,
    }


def line(row: dict[str, Any]) -> str:
    """The row as text."""
    design = (
        f"{'-'.join(map(str, row['sizes']))}, {row['netlist_gates']} of {row['gates']} gates, {row['part']}, "
        f"{row['levels']} levels a cycle"
    )
    if "failed" in row:
        return f"{design}: {row['failed']}"
    return (
        f"{design}: {row['luts']} LUTs, {row['ffs']} flip-flops, {row['fmax_mhz']:.1f} MHz, latency "
        f"{row['latency_cycles']} cycles, {row['latency_ns']:.0f} ns; {row['critical_path']}"
    )


def main() -> None:
    """Build and print every design asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, required=True, help="what `bephw train --state` wrote")
    parser.add_argument("--part", choices=PARTS, nargs="+", default=["ecp5"])
    parser.add_argument("--levels", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--seed", type=int, default=1, help="of place and route")
    parser.add_argument("--minutes", type=float, default=60, help="that synthesis, place and route of one may take")
    parser.add_argument("--json", type=Path, metavar="FOLDER", help="write each design's figures to a file there")
    arguments = parser.parse_args()
    learnt = Learnt.load(arguments.state)
    assert isinstance(learnt.state, LogicState), "a network of logic gates"
    for part in arguments.part:
        for levels in arguments.levels:
            settings = learnt.settings.replace({"logic.levels": levels})
            row = measure(settings, learnt.state, part, seed=arguments.seed, minutes=arguments.minutes)
            print(line(row), flush=True)
            if arguments.json:
                figures = {"benchmark": "logic", "rows": [row]}
                write(arguments.json / f"logic_{arguments.state.stem}_{part}_{levels}.json", figures)


if __name__ == "__main__":
    main()
