"""BEP, BEP-TT and LBES at equal sizes: area, clock, cycles, samples a second.

    python benchmarks/programs.py [--only ulx3s/bep-tt] [--batches 10] [--workdir build/programs] [--json FOLDER]

All three have the same matrices in the same folding, three winner groups a layer, and batches of 20 and of 100. The
recurrent network's cell reads its own state with some of the bits that the first layer of the others reads from
outside, `STEPS` times a sample; its figures of cycles are a step's. Samples are prototypes of each class with a part of
their bits flipped. Clock and area are those of the trainer alone (`out_of_context`); efficiency is that of the first
layer: what it has to do, over what its lanes could.
"""

from __future__ import annotations

import argparse
import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from figures import write

from bephw.boards.bitstream.out_of_context import PARTS, out_of_context
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.rtl_gen.trainer import Trainer
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings
from bephw.sim.job import Segment
from bephw.sim.runner import simulate

STEPS = 8
PROGRAMS = ("bep", "bep-tt", "lbes")
BATCHES = (20, 100)
FLIPPED = 0.2
# Part, sizes, classes and folding: 494 lanes that the same layers of digits have, and a design for the smallest board.
DESIGNS: dict[str, tuple[str, list[int], int, dict[str, Any]]] = {
    "ulx3s": (
        "ecp5",
        [192, 63, 63],
        10,
        {"rows": (7, 2, 1), "columns": (48, 63, 32), "update_columns": (24, 9), "stream_width": 12},
    ),
    "icebreaker": (
        "up5k",
        [48, 24, 24],
        4,
        {"rows": (1, 1, 1), "columns": (4, 4, 4), "update_columns": (2, 2), "counter_memory": "spram", "slots": 4},
    ),
}


def settings_of(design: str, program: str, batch: int) -> Settings:
    """The cell of the recurrent network has as many inputs as the first layer of the others, its state included."""
    _, (inputs, states, neurons), classes, hardware = DESIGNS[design]
    recurrent = program == "bep-tt"
    return Settings.build(
        network={"sizes": [inputs - states if recurrent else inputs, states, neurons], "classes": classes},
        learning={"algorithm": program, "batch": batch, "gamma": states // 3, "nu": 0.2, "r": 0.5},
        hardware=hardware | {"profile": True},
        **({"data": {"steps": STEPS}} if recurrent else {}),
    )


def samples(settings: Settings, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Prototypes with bits flipped: x (count, [steps,] inputs) of 0 and 1, y (count,)."""
    shape = (*([STEPS] if settings.recurrent else []), settings.network.sizes[0])
    prototypes = np.random.default_rng(0).integers(0, 2, (settings.network.classes, *shape), np.uint8)
    generator = np.random.default_rng(seed)
    y = generator.integers(0, settings.network.classes, count)
    return prototypes[y] ^ (generator.random((count, *shape)) < FLIPPED).astype(np.uint8), y


def cycles(settings: Settings, batches: int, workdir: Path) -> dict[str, Any]:
    """Cycles a sample, or a step, from a fresh and a trained state, learning and not, ends of batches included."""
    state, steps = initial_state(settings), STEPS if settings.recurrent else 1
    model = GoldenModel(settings, state)
    model.train(*samples(settings, 1000, seed=1))
    model.end_batch()
    x, y = samples(settings, batches * settings.learning.batch, seed=2)
    verilog, first = emit(settings, None, name="bephw_trainer"), settings.shapes[0]
    found: dict[str, Any] = {}
    for name, start in (("fresh", state), ("trained", model.state)):
        segments = [Segment(x, y), Segment(x, y, learn=False)]
        result = simulate(settings, start, segments, verilog=verilog, load=True, workdir=workdir)
        learning, inference = (statistics["cycles"] / len(x) / steps for statistics in result.statistics)
        found[name] = {
            "cycles": learning,
            "inference": inference,
            "taught": result.statistics[0]["taught" if settings.learning.algorithm != "lbes" else "taught_0"] / len(x),
            "efficiency": first.inputs * first.outputs / (first.rows * first.columns) / learning,
            "updates": result.statistics[0]["cycles_update_0"] / len(x) / steps,
        }
    return found


def measure(design: str, program: str, batches: int, workdir: Path) -> dict[str, Any]:
    """One program on one part."""
    part = DESIGNS[design][0]
    rows = {str(batch): cycles(settings_of(design, program, batch), batches, workdir) for batch in BATCHES}
    settings = settings_of(design, program, BATCHES[0])
    built = out_of_context(Trainer(settings.replace({"hardware.profile": False})), part)
    return {
        "design": design,
        "program": program,
        "device": PARTS[part].device,
        "command": f"python benchmarks/programs.py --only {shlex.quote(f'{design}/{program}')} --batches {batches}",
        "sizes": [*settings.network.sizes, settings.network.classes],
        "steps": STEPS if settings.recurrent else 1,
        "lanes": settings.lanes,
        "cycles": rows,
        **{name: value for name, value in asdict(built).items() if name != "path"},
    }


def main() -> None:
    """Measure what was asked for."""
    names = [f"{design}/{program}" for design in DESIGNS for program in PROGRAMS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=names, action="append", help="may be repeated; all where missing")
    parser.add_argument("--batches", type=int, default=10)
    parser.add_argument("--workdir", type=Path, default=Path("build/programs"))
    parser.add_argument("--json", type=Path, metavar="FOLDER", help="write each design's figures to a file there")
    arguments = parser.parse_args()
    for name in arguments.only or names:
        found = measure(*name.split("/"), arguments.batches, arguments.workdir)
        print(json.dumps(found), flush=True)
        if arguments.json:
            write(arguments.json / f"programs_{name.replace('/', '_')}.json", found)


if __name__ == "__main__":
    main()
