"""Cycles of a trainer on the samples that its settings name, counted by the emitted Verilog.

    python benchmarks/simulated_cycles.py examples/fashion_samples.toml [--set learning.lag=1] [--batches 20]
        [--sizes 100 20] [--state fresh] [--workdir build/cycles] [--json OUT]

For each size of batch: `--batches` of them from a fresh state, and from one that has learnt for an epoch, ends of
batches included, and the same samples without learning. Simulated by `bephw sim`'s engine "fast"; thousands of lanes
take minutes to compile and some thousand cycles a second.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from figures import write

from bephw.check import efficiency
from bephw.cli.options import read_settings
from bephw.flow.learning import prepare
from bephw.golden.initial import initial_state
from bephw.golden.rates import rates
from bephw.golden.training import fit, sample_stream
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings
from bephw.sim.job import Segment
from bephw.sim.runner import simulate
from bephw.state import NetworkState


def states(settings: Settings, data: Any, names: list[str]) -> Iterator[tuple[str, NetworkState, float, int]]:
    """Each state with the accuracy that its rates follow from, and the epoch whose samples come next."""
    if "fresh" in names:
        yield "fresh", initial_state(settings), 1 / settings.network.classes, 1
    if "trained" in names:
        learnt = fit(settings, data, epochs=1)
        yield "trained", learnt.state, learnt.history[-1].train_accuracy, 2


def measure(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """A row for each size of batch and state."""
    asked = read_settings(options.settings, options.set).replace({"hardware.profile": True})
    settings, data = prepare(asked)
    verilog = emit(settings, name="bephw_trainer")
    for batch in options.sizes:
        settings = settings.replace({"learning.batch": batch})
        for name, state, accuracy, epoch in states(settings, data, options.state):
            x, y = (part[: batch * options.batches] for part in sample_stream(settings, data, epoch))
            x = x.astype(np.uint8)
            learning = Segment(x, y, rates=rates(settings, accuracy))
            result = simulate(
                settings,
                state,
                [learning, Segment(x, y, learn=False)],
                verilog=verilog,
                load=True,
                workdir=options.workdir,
                optimize=True,
                engine="fast",
            )
            cycles, inference = (statistics["cycles"] / len(x) for statistics in result.statistics)
            yield {
                "sizes": [*settings.network.sizes, settings.network.classes],
                "lanes": settings.lanes,
                "batch": batch,
                "state": name,
                "samples": len(x),
                "cycles": cycles,
                "inference": inference,
                "efficiency": efficiency(settings, cycles),
                "busy": {
                    part.removeprefix("cycles_"): count / len(x)
                    for part, count in result.statistics[0].items()
                    if part.startswith("cycles_")
                },
                "command": shlex.join(["python", "benchmarks/simulated_cycles.py", *sys.argv[1:]]),
            }


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", type=Path)
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[])
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 20])
    parser.add_argument("--state", nargs="+", choices=["fresh", "trained"], default=["fresh", "trained"])
    parser.add_argument("--workdir", type=Path, default=Path("build/cycles"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    for row in measure(options):
        rows.append(row)
        print(
            f"{row['lanes']} lanes, batches of {row['batch']}, {row['state']}: {row['cycles']:.1f} cycles a sample, "
            f"{row['cycles'] / row['inference']:.3f} of {row['inference']:.1f} without learning, "
            f"efficiency {row['efficiency']:.3f}",
            flush=True,
        )
        if options.json:
            write(options.json, rows)


if __name__ == "__main__":
    main()
