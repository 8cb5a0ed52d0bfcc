"""The cycle model against simulation: real samples, from a fresh and from a trained state, while learning.

    python benchmarks/plan_cycles.py [--only NAME] [--batches 5] [--workdir build/plan] [--json FOLDER]

Each case is simulated with Verilator by the emitted Verilog, `batches` batches long, or as many as an epoch has whole
ones; `cycles` are the trainer's own register, ends of batches included. Sparsity is measured with the golden model on
the same samples. FOLDER gets a file for each case, so that cases may be run one by one.

No end of a batch is asked for: the last batch is full. One that is asked for on top of it would be counted until the
sweep behind that batch is over (`hardware.renewal = "sweep"`), which otherwise costs nothing.
"""

from __future__ import annotations

import argparse
import os
import shlex
import time
from pathlib import Path
from typing import Any

import numpy as np
from cases import CASES, case, settings_of, slug
from figures import write

from bephw.flow.learning import prepare
from bephw.golden.initial import initial_state
from bephw.golden.rates import rates
from bephw.golden.training import fit, sample_stream
from bephw.plan.cycles import predict
from bephw.plan.measuring import measure
from bephw.rtl_gen.verilog import emit
from bephw.sim.job import Segment
from bephw.sim.runner import simulate


def compare(name: str, batches: int, epochs: int, workdir: Path) -> list[dict[str, Any]]:
    """Both states of one case."""
    settings, dataset = prepare(settings_of(name))
    fresh = initial_state(settings)
    learnt = fit(settings, dataset, epochs=epochs)
    states = {
        "fresh": (fresh, 1 / settings.network.classes, 1),
        "trained": (learnt.state, learnt.history[-1].train_accuracy, epochs + 1),
    }
    verilog = emit(settings, None, name="bephw_trainer")
    rows = []
    count = min(batches, len(dataset.x_train) // settings.learning.batch) * settings.learning.batch
    command = f"python benchmarks/plan_cycles.py --only {shlex.quote(name)} --batches {batches}"
    for state_name, (state, accuracy, epoch) in states.items():
        x, y = (part[:count] for part in sample_stream(settings, dataset, epoch))
        reinforcement = rates(settings, accuracy)
        activity, _ = measure(settings, state, x, y, reinforcement_rates=reinforcement)
        began = time.perf_counter()
        model = predict(settings, activity)
        seconds = time.perf_counter() - began
        segment = Segment(x.astype(np.uint8), y, rates=reinforcement)
        inference = Segment(x.astype(np.uint8), y, learn=False)
        result = simulate(
            settings, state, [segment, inference], verilog=verilog, load=True, workdir=workdir, engine="fast"
        )
        statistics = result.statistics[0]
        assert sum(statistics[name] for name in statistics if name.startswith("taught")) == int(activity.taught.sum())
        parts = {
            part: (model.busy[part], cycles)
            for register, cycles in statistics.items()
            if (part := register.removeprefix("cycles_")) in model.busy
        }
        rows.append(
            {
                "case": name,
                "command": command,
                "state": state_name,
                "samples": len(x),
                "taught": float(activity.taught.mean()),
                "model": model.per_sample,
                "simulated": statistics["cycles"] / len(x),
                "error": model.cycles / statistics["cycles"] - 1,
                "lanes": settings.lanes,
                "sizes": [*settings.network.sizes, settings.network.classes],
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
    parser.add_argument("--only", type=case, metavar="NAME", action="append", help="may be repeated; all where missing")
    parser.add_argument("--batches", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3, help="that the trained state has seen")
    parser.add_argument("--workdir", type=Path, default=Path(os.environ.get("TMPDIR", "build")) / "plan")
    parser.add_argument("--json", type=Path, metavar="FOLDER", help="write each case's figures to a file there")
    arguments = parser.parse_args()
    errors = []
    for name in arguments.only or CASES:
        rows = compare(name, arguments.batches, arguments.epochs, arguments.workdir)
        errors += [abs(row["error"]) for row in rows]
        if arguments.json:
            write(arguments.json / f"cycles_{slug(name)}.json", rows)
    print(f"largest error: {max(errors):.3%}")


if __name__ == "__main__":
    main()
