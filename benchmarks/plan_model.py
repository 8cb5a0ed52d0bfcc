"""The syntheses behind the planner's area and clock: measure, fit, and say how far off the fit is.

    python benchmarks/plan_model.py [--measurements benchmarks/plan_measurements.json] [--again] [--only TEXT ...]
                                    [--fit]

Each design of `DESIGNS` is synthesised out of context (a process each, at most `--limit` seconds) and added to the
measurements, unless it is there already (`--again` measures it anew; `--only up5k` takes the designs with that in their
name). Those that say so are placed and routed, which
gives their clock; of the others nextpnr only counts the cells, which is much quicker. Then the model is fitted to all
but the held-out ones and written to bephw/plan/coefficients.toml; `--fit` does only that.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from figures import commit

from bephw.boards.bitstream.few_pins import FewPins
from bephw.boards.bitstream.memories import Family
from bephw.boards.bitstream.out_of_context import PARTS, _bare, out_of_context
from bephw.boards.bitstream.reports import CELLS, FLIP_FLOPS
from bephw.boards.bitstream.stages import commands, plan, run_stage, synthesise
from bephw.plan.area import AVAILABLE, COEFFICIENTS, fit, predict_area
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.toolchain import require

MEASUREMENTS = Path(__file__).with_name("plan_measurements.json")
FAMILIES: dict[str, Family] = {"ecp5": "ecp5", "up5k": "ice40"}
FULLEST = 0.95  # of the LUTs: beyond, placing fails more often than not


@dataclass(frozen=True)
class Design:
    """A trainer to measure, recurrent where samples have `steps`, else of BEP or the `local` rule: `placed` ones with
    their clock, `held_out` ones are not fitted but predicted."""

    part: str
    sizes: tuple[int, ...]
    classes: int
    gamma: tuple[int, ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    update_columns: tuple[int, ...]
    stream_width: int
    steps: int | None = None
    counter_memory: str = "bram"
    slots: int = 8
    renewal: str = "copy"
    sample_memory: str = "block"
    wire_registers: int = 0
    profile: bool = False
    placed: bool = False
    held_out: bool = False
    local: bool = False
    samples: int | tuple[int, ...] = 1
    lag: int = 0
    burst: int = 1
    note: str = ""  # in the name, of designs that would else have the same

    @property
    def settings(self) -> Settings:
        return Settings.build(
            network={"sizes": self.sizes, "classes": self.classes},
            learning={
                "gamma": self.gamma,
                "algorithm": "bep-tt" if self.steps else "lbes" if self.local else "bep",
                "lag": self.lag,
                "burst": self.burst,
            },
            data={"steps": self.steps},
            hardware={
                "rows": self.rows,
                "columns": self.columns,
                "update_columns": self.update_columns,
                "stream_width": self.stream_width,
                "samples": self.samples,
                "slots": self.slots,
                "renewal": self.renewal,
                "sample_memory": self.sample_memory,
                "wire_registers": self.wire_registers,
                "counter_memory": self.counter_memory,
                "profile": self.profile,
            },
        )

    @property
    def name(self) -> str:
        network = "-".join(map(str, (*self.sizes, self.classes)))
        rule = f" x {self.steps}" if self.steps else ", LBES" if self.local else ""
        several = "" if self.samples == 1 else f", S = {self.samples}"
        options = ", lag" * self.lag + (f", burst {self.burst}" if self.burst > 1 else "")
        note = f", {self.note}" if self.note else ""
        return f"{self.part} {network}{rule}{several}{options}{note}, {self.settings.lanes} lanes"


DIGITS, FASHION, GUNPOINT = (192, 63, 63), (784, 255, 255), (500, 135, 135)
DESIGNS = (
    Design("ecp5", (64, 20), 10, (10,), (5, 2), (16, 7), (8,), 8, placed=True),
    Design("ecp5", DIGITS, 10, (21, 21), (4, 2, 1), (16, 8, 8), (8, 8), 8, placed=True),
    Design("ecp5", DIGITS, 10, (21, 21), (7, 1, 1), (12, 32, 5), (12, 2), 3),
    Design("ecp5", DIGITS, 10, (21, 21), (7, 2, 1), (48, 63, 32), (12, 7), 12),
    Design("ecp5", (784, 135, 135), 10, (45, 45), (4, 4, 2), (32, 16, 16), (16, 16), 32, profile=True),
    Design("ecp5", FASHION, 10, (51, 51), (4, 2, 1), (98, 64, 5), (49, 32), 7),
    Design("ecp5", FASHION, 10, (51, 51), (17, 1, 1), (44, 255, 16), (11, 3), 11),
    Design("ecp5", FASHION, 10, (51, 51), (8, 8, 1), (100, 32, 10), (25, 8), 4, renewal="sweep", placed=True),
    Design("ecp5", FASHION, 10, (51, 51), (10, 5, 1), (98, 64, 13), (49, 32), 7, placed=True),
    Design(
        "ecp5",
        FASHION,
        10,
        (51, 51),
        (6, 6, 2),
        (196, 64, 29),
        (98, 32),
        7,
        renewal="sweep",
        held_out=True,
    ),
    Design(
        "ecp5",
        FASHION,
        10,
        (51, 51),
        (8, 8, 2),
        (196, 64, 29),
        (98, 32),
        7,
        sample_memory="auto",
        wire_registers=1,
        placed=True,
    ),
    Design("ecp5", (300, 120, 80, 40), 6, (30, 20, 10), (24, 2, 1, 1), (12, 40, 27, 4), (6, 2, 3), 6, held_out=True),
    Design("up5k", (64, 20), 10, (10,), (1, 1), (16, 4), (1,), 2, placed=True),
    Design("up5k", (64, 16, 16), 4, (8, 8), (2, 1, 1), (16, 8, 4), (4, 2), 8),
    Design("up5k", DIGITS, 10, (21, 21), (6, 2, 1), (8, 8, 4), (4, 4), 2, counter_memory="spram"),
    Design(
        "up5k",
        DIGITS,
        10,
        (21, 21),
        (4, 3, 1),
        (16, 8, 6),
        (4, 4),
        8,
        counter_memory="spram",
        renewal="sweep",
        held_out=True,
    ),
    Design(
        "up5k", DIGITS, 10, (21, 21), (3, 2, 1), (16, 8, 6), (4, 4), 8, counter_memory="spram", slots=4, placed=True
    ),
    Design("up5k", (100, 40), 4, (20,), (6, 1), (24, 20), (4,), 12, counter_memory="spram", placed=True),
    # Words of counters and of the plane whose numbers a row are no powers of two.
    Design("up5k", DIGITS, 10, (21, 21), (3, 2, 1), (15, 8, 6), (3, 4), 8, counter_memory="spram"),
    Design("up5k", DIGITS, 10, (21, 21), (2, 2, 2), (24, 8, 7), (6, 2), 1, counter_memory="spram"),
    Design("up5k", DIGITS, 10, (21, 21), (7, 2, 1), (5, 8, 5), (5, 2), 1, counter_memory="spram"),
    Design(
        *("up5k", DIGITS, 10, (21, 21), (3, 2, 1), (15, 8, 9), (5, 2), 1),
        counter_memory="spram",
        held_out=True,
        note="odd words",
    ),
    Design("ecp5", (24, 24, 24), 2, (4, 4), (1, 1, 1), (4, 4, 4), (2, 2), 4, 4),
    Design("up5k", (24, 24, 24), 2, (4, 4), (1, 1, 1), (4, 4, 4), (2, 2), 4, 4, counter_memory="spram", slots=4),
    Design("ecp5", (100, 40, 40), 4, (8, 8), (8, 4, 1), (35, 20, 8), (7, 5), 10, 5, held_out=True),
    Design("up5k", (16, 32, 16), 3, (8, 8), (2, 1, 1), (8, 8, 2), (2, 2), 4, 8, counter_memory="spram", slots=4),
    Design("ecp5", (40, 60, 20), 5, (10, 10), (6, 2, 1), (20, 12, 5), (10, 4), 8, 12),
    Design("up5k", (24, 24, 24), 2, (4, 4), (2, 1, 1), (12, 6, 4), (3, 2), 8, 4, slots=4),
    Design("ecp5", GUNPOINT, 2, (15, 15), (3, 1, 1), (64, 27, 9), (16, 9), 16, 3),
    Design("ecp5", GUNPOINT, 2, (15, 15), (9, 2, 1), (128, 45, 15), (64, 15), 16, 3, sample_memory="auto"),
    Design("ecp5", DIGITS, 10, (63, 21), (7, 2, 1), (48, 63, 32), (12, 7), 12, local=True),
    Design(
        "ecp5", (64, 24, 24, 16), 6, (8, 8, 4), (4, 2, 1, 1), (16, 12, 8, 4), (4, 3, 2), 8, local=True, held_out=True
    ),
    Design("up5k", (64, 16, 16), 4, (8, 8), (2, 1, 1), (16, 8, 4), (4, 2), 8, local=True),
    Design(
        *("up5k", DIGITS, 10, (63, 21), (2, 2, 1), (16, 8, 6), (4, 4), 8),
        counter_memory="spram",
        slots=4,
        local=True,
        held_out=True,
    ),
    # Several samples at a time, batches that overlap, bursts: first one by one, on foldings measured above.
    Design("ecp5", DIGITS, 10, (21, 21), (7, 2, 1), (48, 63, 32), (12, 7), 12, lag=1),
    Design("ecp5", DIGITS, 10, (21, 21), (7, 2, 1), (48, 63, 32), (12, 7), 12, burst=8),
    Design("ecp5", DIGITS, 10, (21, 21), (7, 2, 1), (48, 63, 32), (12, 7), 12, samples=2),
    Design("ecp5", DIGITS, 10, (21, 21), (4, 2, 1), (16, 8, 8), (8, 8), 8, samples=4, placed=True),
    Design("ecp5", (64, 20), 10, (10,), (5, 2), (16, 7), (8,), 8, samples=3, slots=9),
    Design(
        *("ecp5", DIGITS, 10, (21, 21), (4, 4, 2), (48, 21, 13), (24, 21), 12),
        samples=2,
        lag=1,
        burst=8,
        sample_memory="auto",
        placed=True,
    ),
    Design(
        *("ecp5", DIGITS, 10, (21, 21), (7, 7, 5), (96, 21, 13), (24, 21), 24),
        samples=4,
        slots=32,
        lag=1,
        burst=4,
        sample_memory="auto",
        wire_registers=1,
        placed=True,
    ),
    Design("ecp5", DIGITS, 10, (21, 21), (4, 2, 2), (16, 16, 8), (8, 8), 8, samples=8, slots=16, sample_memory="auto"),
    Design(
        "ecp5", DIGITS, 10, (21, 21), (4, 4, 2), (32, 16, 16), (16, 8), 16, samples=(4, 2), slots=16, renewal="sweep"
    ),
    Design("ecp5", DIGITS, 10, (21, 21), (3, 3, 2), (64, 21, 16), (16, 21), 16, samples=3, slots=12, held_out=True),
    Design(
        *("ecp5", (300, 120, 80, 40), 6, (30, 20, 10), (8, 4, 2, 1), (30, 40, 16, 8), (6, 4, 4), 10),
        samples=2,
        burst=8,
        lag=1,
        held_out=True,
    ),
    Design(
        *("ecp5", (784, 135, 135), 10, (45, 45), (5, 5, 2), (98, 45, 16), (49, 15), 14),
        samples=4,
        slots=16,
        lag=1,
        burst=8,
        sample_memory="auto",
        held_out=True,
    ),
    # examples/fashion_samples.toml, and the same with three and with four samples at a time.
    *(
        Design(
            *("ecp5", FASHION, 10, (51, 51), (7, 7, 10), (196, 70, 28), update, 28),
            samples=samples,
            slots=slots,
            lag=1,
            burst=8,
            sample_memory="auto",
            wire_registers=1,
            held_out=samples == 3,
        )
        for samples, slots, update in ((2, 16, (98, 35)), (3, 24, (98, 35)), (4, 32, (196, 70)))
    ),
    Design("up5k", (64, 16, 16), 4, (8, 8), (2, 1, 1), (16, 8, 4), (4, 2), 8, samples=2, lag=1),
    Design("up5k", (64, 20), 10, (10,), (1, 1), (16, 4), (1,), 2, samples=4, placed=True),
    Design("up5k", (64, 16, 16), 4, (8, 8), (1, 1, 1), (16, 8, 4), (4, 2), 8, samples=2, counter_memory="spram"),
    # Placed for docs/benchmarks.md.
    Design("ecp5", DIGITS, 10, (21, 21), (9, 3, 1), (5, 5, 4), (5, 1), 5, placed=True),
    Design("ecp5", DIGITS, 10, (21, 21), (7, 2, 1), (48, 63, 32), (24, 9), 12, placed=True, note="wide counter words"),
    Design(
        *("ecp5", FASHION, 10, (51, 51), (8, 8, 1), (100, 32, 10), (25, 8), 4),
        renewal="sweep",
        wire_registers=1,
        placed=True,
        note="registers on wires",
    ),
    # Many layers and one, which tell a layer's share from the trainer's.
    Design("ecp5", (48, 24, 24, 24, 24), 4, (8, 8, 8, 8), (2, 2, 1, 1, 1), (12, 12, 8, 8, 6), (4, 4, 4, 2), 8),
    Design("ecp5", (100, 40), 4, (20,), (6, 1), (24, 20), (4,), 12),
)


def measure(design: Design, *, place: bool) -> dict[str, Any]:
    """Cells and, where it is placed, the clock of one design."""
    began = time.monotonic()
    figures = count_cells(Trainer(design.settings), design.part) | {"fmax_mhz": None}
    target = PARTS[design.part]
    if place and design.placed and figures["luts"] < FULLEST * AVAILABLE[target.family]:
        found = asdict(out_of_context(Trainer(design.settings), design.part))
        figures = {name: found[name] for name in figures}
    return figures | {"seconds": round(time.monotonic() - began, 1)}


def count_cells(trainer: Trainer, part: str) -> dict[str, int]:
    """What nextpnr packs a design into, without placing it."""
    target = PARTS[part]
    top = FewPins(trainer)
    files = plan(_bare(target, target.clock_mhz), top, target.options)
    said: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bephw-measure-") as name:
        folder = Path(name)
        (synthesis, *_), (packing, *more), *_ = commands(files)
        synthesise(part, target.family, files, {synthesis: require(synthesis)}, folder, lambda line: None)
        if "--textcfg" in more:  # there is nothing to write yet
            del more[more.index("--textcfg") : more.index("--textcfg") + 2]
        run_stage("packing", require(packing), [*more, "--pack-only"], folder, said.append)
        cells = json.loads((folder / "cells.json").read_text())["design"]["num_cells_by_type"]
    used = {cell: int(count) for line in said for cell, count in re.findall(r"(\w+): +(\d+)/ *\d+", line)}
    names = CELLS[target.family]
    luts = used[names["luts"]] - (top.luts if target.family == "ecp5" else top.ffs)
    ffs = sum(count for name, count in cells.items() if name.startswith(FLIP_FLOPS[target.family])) - top.ffs
    return {"luts": luts, "ffs": ffs} | {name: used.get(names.get(name, ""), 0) for name in ("brams", "sprams", "dsps")}


def measure_all(path: Path, *, again: bool, only: list[str], limit: float, place: bool) -> None:
    """Every design in a process of its own, so that one that takes too long can be given up."""
    here = commit()  # before the measurements, which are in the tree, are written
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    for number, design in enumerate(DESIGNS):
        asked = not only or any(text in design.name for text in only)
        if not asked or (design.name in known and not again):
            continue
        command = [sys.executable, "-W", "ignore", __file__, "--design", str(number), *["--count-only"] * (not place)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=True)
        except subprocess.CalledProcessError as error:
            print(f"{design.name}: failed: {error.stderr.strip().splitlines()[-1:]}", flush=True)
            continue
        except subprocess.TimeoutExpired:
            print(f"{design.name}: given up after {limit:.0f} s", flush=True)
            continue
        known = json.loads(path.read_text()) if path.exists() else {}
        known[design.name] = json.loads(done.stdout) | {"commit": here}
        path.write_text(json.dumps(known, indent=1) + "\n")
        print(f"{design.name}: {known[design.name]}", flush=True)


def fit_all(path: Path, output: Path) -> None:
    """Fit each family, write the coefficients, and print measured against predicted."""
    known = json.loads(path.read_text())
    measured = [(design, known[design.name]) for design in DESIGNS if design.name in known]
    command = "python benchmarks/plan_model.py"
    used = [(FAMILIES[d.part], d.settings, found) for d, found in measured if not d.held_out]
    fit(used, output, command)
    if output.resolve() != COEFFICIENTS.resolve():
        print(f"written to {output}; what follows is of {COEFFICIENTS}")
    print(f"{'design':44} {'LUTs':>7} {'model':>7} {'':>7} {'BRAM':>5} {'model':>5} {'MHz':>7} {'model':>7}")
    for design, found in measured:
        model = predict_area(design.settings, FAMILIES[design.part])
        print(
            f"{design.name + (' *' if design.held_out else ''):44} {found['luts']:7} {model.luts:7} "
            f"{model.luts / found['luts'] - 1:+7.1%} {found['brams']:5} {model.brams:5} "
            f"{found['fmax_mhz'] or 0:7.1f} {model.fmax_mhz:7.1f} "
            + (f"{model.fmax_mhz / found['fmax_mhz'] - 1:+7.1%}" if found["fmax_mhz"] else "")
        )
    print("* held out of the fit")


def main() -> None:
    """Synthesise, fit, or compare, as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measurements", type=Path, default=MEASUREMENTS)
    parser.add_argument("--output", type=Path, default=COEFFICIENTS)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--only", nargs="+", default=[], metavar="TEXT", help="designs with it in their name")
    parser.add_argument("--fit", action="store_true", help="measure nothing")
    parser.add_argument("--count-only", action="store_true", help="place nothing: no clocks")
    parser.add_argument("--limit", type=float, default=900, help="seconds for one design")
    parser.add_argument("--design", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    for text in options.only:
        if not any(text in design.name for design in DESIGNS):
            parser.error(f"--only: no design has {text!r} in its name")
    if options.design is not None:
        print(json.dumps(measure(DESIGNS[options.design], place=not options.count_only)))
        return
    if not options.fit:
        measure_all(
            options.measurements,
            again=options.again,
            only=options.only,
            limit=options.limit,
            place=not options.count_only,
        )
    fit_all(options.measurements, options.output)


if __name__ == "__main__":
    main()
