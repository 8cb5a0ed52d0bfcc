"""Area, clock, latency and interval of trained networks for inference alone, by default on ECP5 of speed grade 6.

    python benchmarks/inference.py [--network tiny digits ...] [--epochs N] [--style unrolled folded] [--part ecp5 up5k]
                                   [--seed N] [--router NAME] [--clock MHZ] [--minutes N] [--tables] [--json FOLDER]
    python benchmarks/inference.py --state FILE ... [--set KEY=VALUE ...] [the same]

`tiny` is 64-15-10 (a pixel is bright or not), `digits` the 192-63-63-10 of examples/digits.toml, `digits-fast` the same
folded for a sample in 12 cycles, `fashion` the 784-255-255-10 of examples/fashion_fast.toml; all are trained here by
the golden model. `tfc` is the published 784-64-64-64-10 of Brevitas for MNIST, qonnx/tfc_1w1a.onnx in the folder that
BEPHW_DATA names, `tfc-64` and `tfc-16` are the same folded for as many cycles a sample, and `lfc-512` is
networks/lfc.npz from there, 784-1024-1024-1024-10. `tiny` and `digits` are both unrolled and folded, `tfc` is unrolled
only, the others are folded only. FILE is what `bephw train --state` wrote, a network of neurons, or of logic gates,
which is always unrolled.

Built without a board, as benchmarks/fmax.py does. One that does not fit, or is not built in so many minutes, has that
as its result. FOLDER gets a file for each design, so that they may be built one by one.

`--tables` counts tables by Yosys alone instead, for chips with inputs of four (`synth_ecp5`) and of six
(`synth_xilinx`, for 7-series): without place and route, and so without a clock.
"""

from __future__ import annotations

import argparse
import json
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from amaranth.back import rtlil
from amaranth.lib.wiring import Component
from array_area import SYNTHESIS, constant_positions
from figures import write
from fmax import summary
from networks import CASES, Trained, network, network_in

from bephw.boards.bitstream.out_of_context import PARTS, out_of_context
from bephw.boards.ecp5.carry_chains import trim_carry_chains
from bephw.errors import BephwError
from bephw.logic_state import LogicState
from bephw.netlist import bracket_free
from bephw.rtl_gen.designs import STYLES, make_design, timing
from bephw.rtl_gen.logic.inference import pipeline_of
from bephw.settings import Settings
from bephw.states import AnyState
from bephw.toolchain import run_yosys

CLOCKS = {"unrolled": 250.0, "folded": None, "gates": 300.0}  # MHz aimed at; None is what out_of_context does
# LUTs that a memory or a shift register of 7-series takes.
RAMS = {"SRL16E": 1, "SRLC32E": 1, "RAM32X1D": 2, "RAM64X1D": 2, "RAM32M": 4, "RAM64M": 4}


def tables(component: Component, family: str) -> int:
    """Tables that Yosys makes of a component (`SYNTHESIS`): with four inputs, two for every CCU2C, or with up to six,
    those that are memory, delay something or stand in front of a carry included."""
    with tempfile.TemporaryDirectory(prefix="bephw-tables-") as name:
        folder = Path(name)
        (folder / "top.il").write_text(bracket_free(rtlil.convert(component, name="top", emit_src=False)))
        run_yosys(f"read_rtlil top.il\n{SYNTHESIS[family]} -top top -flatten\nwrite_json top.json\n", cwd=folder)
        netlist = json.loads((folder / "top.json").read_text())
    if family == "ecp5":
        trim_carry_chains(netlist)
    cells = netlist["modules"]["top"]["cells"].values()
    kinds = Counter(cell["type"] for cell in cells)
    if family == "ecp5":
        return kinds["LUT4"] + 2 * kinds["CCU2C"] + 4 * kinds["TRELLIS_DPR16X4"]
    logic = sum(kinds[f"LUT{inputs}"] for inputs in range(1, 7)) + constant_positions(cells)
    return logic + sum(count * kinds[kind] for kind, count in RAMS.items())


@contextmanager
def at_most(minutes: float, said: list[str]) -> Iterator[None]:
    """Raises `BephwError` with the last line that was `said`, when the time is over."""

    def stop(*_: object) -> None:
        raise BephwError(f"stopped after {minutes:g} minutes; the last line of the tools was: {said[-1]}")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 60 * minutes)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def count_tables(trained: Trained, style: str) -> str:
    """One row of the table of tables."""
    component = make_design(trained.settings, trained.state, style)
    counted = {inputs: tables(component, family) for inputs, family in ((4, "ecp5"), (6, "xc7"))}
    return f"{trained.name} {style}: {counted[4]} LUT4 (synth_ecp5), {counted[6]} LUT6 (synth_xilinx)"


def measure(
    trained: Trained, style: str, part: str, *, seed: int, router: str | None, clock: float | None, minutes: float
) -> dict[str, Any]:
    """One row of the table."""
    settings, state, start = trained.settings, trained.state, time.monotonic()
    kept_time = timing(settings, state, style)
    interval = float(kept_time.interval)
    options = ("" if part == "ecp5" else f" --part {part}") + ("" if seed == 1 else f" --seed {seed}")
    options += (f" --router {router}" if router else "") + (f" --clock {clock:g}" if clock else "")
    row = {
        "command": f"python benchmarks/inference.py {trained.source} --style {style}{options}",
        "sizes": [*settings.network.sizes, settings.network.classes],
        "part": part,
        "accuracy": trained.accuracy,
        "latency_cycles": kept_time.latency,
        "interval_cycles": interval,
        **size(settings, state, style),
    }
    said = ["none"]
    try:
        with at_most(minutes, said):
            design = make_design(settings, state, style)
            aim = clock or CLOCKS[row["kind"]]
            found = out_of_context(design, part, clock_mhz=aim, seed=seed, router=router, on_line=said.append)
    except BephwError as error:
        return {**row, "failed": str(error), "seconds": time.monotonic() - start}
    return {
        **row,
        "luts": found.luts,
        "ffs": found.ffs,
        "brams": found.brams,
        "fmax_mhz": found.fmax_mhz,
        "latency_ns": 1000 * kept_time.latency / found.fmax_mhz,
        "samples_a_second": 1e6 * found.fmax_mhz / interval,
        "critical_path": summary(found.path) if found.path else None,
        "seconds": time.monotonic() - start,
    }


def size(settings: Settings, state: AnyState, style: str) -> dict[str, Any]:
    """The design's kind, and how large it is: lanes, or gates before and after what is not needed was left out."""
    if isinstance(state, LogicState):
        netlist = pipeline_of(settings, state).netlist
        gates = sum(len(layer.gate) for layer in state.layers)
        return {"kind": "gates", "gates": gates, "netlist_gates": len(netlist.gates), "depth": netlist.depth}
    return {"kind": style, "lanes": settings.lanes if style == "folded" else settings.work}


def line(row: dict[str, Any]) -> str:
    """The row as text."""
    large = (
        f"{row['netlist_gates']} of {row['gates']} gates, depth {row['depth']}"
        if row["kind"] == "gates"
        else f"{row['lanes']} lanes"
    )
    design = f"{'-'.join(map(str, row['sizes']))} {row['kind']}, {large}, {row['part']}"
    cycles = f"latency {row['latency_cycles']} cycles, interval {row['interval_cycles']:g}"
    cycles += f", accuracy {row['accuracy']:.2%}"
    if "failed" in row:
        return f"{design}: {row['failed']}; {cycles}"
    return (
        f"{design}: {row['luts']} LUTs, {row['ffs']} flip-flops, {row['brams']} block RAMs, {row['fmax_mhz']:.1f} MHz, "
        f"{cycles}, {row['latency_ns']:.0f} ns, {row['samples_a_second'] / 1e6:.2f} million samples a second"
    )


def designs(arguments: argparse.Namespace) -> Iterator[tuple[str, Trained, str]]:
    """What is asked for: a name for its file, the network, and the style."""
    for path in arguments.state:
        trained = network_in(path, arguments.set)
        styles = ["unrolled"] if isinstance(trained.state, LogicState) else arguments.style
        yield from ((path.stem, trained, style) for style in styles)
    for name in arguments.network or (() if arguments.state else CASES):
        trained = network(name, arguments.epochs)
        yield from ((name.replace("-", "_"), trained, style) for style in CASES[name] if style in arguments.style)


def main() -> None:
    """Build and print every network asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=CASES, nargs="+", help="by default all, where there is no --state")
    parser.add_argument("--state", type=Path, nargs="+", default=[], help="what `bephw train --state` wrote")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="change the settings beside it")
    parser.add_argument("--style", choices=STYLES, nargs="+", default=list(STYLES))
    parser.add_argument("--part", choices=PARTS, default="ecp5")
    parser.add_argument("--epochs", type=int, help="of training; else as many as the settings say")
    parser.add_argument("--seed", type=int, default=1, help="of place and route")
    parser.add_argument("--router", choices=("router1", "router2"), help="instead of nextpnr's default")
    parser.add_argument("--clock", type=float, metavar="MHZ", help="that place and route aims at")
    parser.add_argument("--minutes", type=float, default=60, help="that synthesis, place and route of one may take")
    parser.add_argument("--tables", action="store_true", help="count tables by Yosys alone, of four and of six inputs")
    parser.add_argument("--json", type=Path, metavar="FOLDER", help="write each design's figures to a file there")
    arguments = parser.parse_args()
    for name, trained, style in designs(arguments):
        if arguments.tables:
            print(count_tables(trained, style), flush=True)
            continue
        chosen = {name: getattr(arguments, name) for name in ("seed", "router", "clock", "minutes")}
        row = measure(trained, style, arguments.part, **chosen)
        print(line(row), flush=True)
        if arguments.json:
            write(arguments.json / f"inference_{name}_{style}.json", {"benchmark": "inference", "rows": [row]})


if __name__ == "__main__":
    main()
