"""The cycle model against simulation: real samples, from a fresh and from a trained state, while learning.

    python benchmarks/plan_cycles.py [--only NAME] [--batches 5] [--workdir build/plan] [--json OUT]

Each case is simulated with Verilator by the emitted Verilog, `batches` batches long; `cycles` are the trainer's own
register, ends of batches included. Sparsity is measured with the golden model on the same samples.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from bephw.flow.learning import prepare
from bephw.golden.initial import initial_state
from bephw.golden.rates import rates
from bephw.golden.training import fit, sample_stream
from bephw.plan.cycles import predict
from bephw.plan.measuring import measure
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings
from bephw.sim.job import Segment
from bephw.sim.runner import simulate

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PIPELINED = {"hardware.engine": "pipelined", "hardware.profile": True}
BRAM = PIPELINED | {"hardware.counter_memory": "bram"}


def folded(rows: list[int], columns: list[int], update: list[int], stream: int, slots: int = 8) -> dict[str, Any]:
    """Changes of the settings that fold a network so."""
    return {
        "hardware.rows": tuple(rows),
        "hardware.columns": tuple(columns),
        "hardware.update_columns": tuple(update),
        "hardware.stream_width": stream,
        "hardware.slots": slots,
    }


CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "digits, 64 lanes": ("digits", BRAM | folded([9, 3, 1], [5, 5, 4], [5, 1], 5)),
    "digits, 94 lanes, single port": ("digits", PIPELINED),
    "digits, 512 lanes, batch 100": (
        "digits",
        BRAM | folded([7, 2, 1], [48, 63, 32], [24, 9], 12) | {"learning.batch": 100},
    ),
    "fashion, 256 lanes": ("fashion_ulx3s", BRAM | folded([5, 7, 1], [38, 9, 3], [19, 3], 2)),
    "fashion, 1024 lanes": ("fashion_ulx3s", BRAM | folded([17, 1, 1], [44, 255, 16], [22, 15], 11)),
    "fashion, 4096 lanes, batch 20": (
        "fashion_ulx3s",
        BRAM | folded([15, 4, 5], [196, 255, 24], [196, 51], 28) | {"learning.batch": 20},
    ),
}


def compare(name: str, batches: int, epochs: int, workdir: Path) -> list[dict[str, Any]]:
    """Both states of one case."""
    example, changes = CASES[name]
    settings, dataset = prepare(Settings.from_toml(EXAMPLES / f"{example}.toml").replace(changes))
    fresh = initial_state(settings)
    learnt = fit(settings, dataset, epochs=epochs)
    states = {
        "fresh": (fresh, 1 / settings.network.classes, 1),
        "trained": (learnt.state, learnt.history[-1].train_accuracy, epochs + 1),
    }
    verilog = emit(settings, None, name="bephw_trainer")
    rows = []
    for state_name, (state, accuracy, epoch) in states.items():
        count = batches * settings.learning.batch
        x, y = (part[:count] for part in sample_stream(settings, dataset, epoch))
        reinforcement = rates(settings, accuracy)
        activity, _ = measure(settings, state, x, y, reinforcement_rates=reinforcement)
        began = time.perf_counter()
        model = predict(settings, activity)
        seconds = time.perf_counter() - began
        segment = Segment(x.astype(np.uint8), y, rates=reinforcement, end_batch=True)
        inference = Segment(x.astype(np.uint8), y, learn=False)
        result = simulate(settings, state, [segment, inference], verilog=verilog, load=True, workdir=workdir)
        statistics = result.statistics[0]
        assert statistics["taught"] == int(activity.taught.sum())
        parts = {
            part: (model.busy[part], cycles)
            for register, cycles in statistics.items()
            if (part := register.removeprefix("cycles_")) in model.busy
        }
        rows.append(
            {
                "case": name,
                "state": state_name,
                "samples": len(x),
                "taught": float(activity.taught.mean()),
                "model": model.per_sample,
                "simulated": statistics["cycles"] / len(x),
                "error": model.cycles / statistics["cycles"] - 1,
                "lanes": settings.lanes,
                "batch": settings.learning.batch,
                "inference": result.statistics[1]["cycles"] / len(x),
                "efficiency": settings.work / settings.lanes / (statistics["cycles"] / len(x)),
                "parts": parts,
                "model_seconds": seconds,
                "simulation_seconds": result.seconds,
            }
        )
        print(
            f"{name:32} {state_name:8} {len(x):5} samples, {100 * rows[-1]['taught']:3.0f} % teach: "
            f"model {model.per_sample:8.2f}, simulated {rows[-1]['simulated']:8.2f} cycles a sample, "
            f"{100 * rows[-1]['error']:+.3f} %, efficiency {rows[-1]['efficiency']:.3f} "
            f"({seconds:.2f} s, {result.seconds:.0f} s)",
            flush=True,
        )
        for part, (ours, theirs) in parts.items():
            if abs(ours - theirs) > 0.001 * statistics["cycles"]:
                print(f"    {part}: model {ours}, simulated {theirs}")
    return rows


def main() -> None:
    """Simulate and predict every case asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(CASES), action="append", help="may be repeated; all where missing")
    parser.add_argument("--batches", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3, help="that the trained state has seen")
    parser.add_argument("--workdir", type=Path, default=Path(os.environ.get("TMPDIR", "build")) / "plan")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.only or CASES:
        rows += compare(name, arguments.batches, arguments.epochs, arguments.workdir)
    print(f"largest error: {max(abs(row['error']) for row in rows):.3%}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
