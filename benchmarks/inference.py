"""Area, clock, latency and interval of trained networks for inference alone, on ECP5 of speed grade 6.

    python benchmarks/inference.py [--network tiny|digits] [--style unrolled] [--seed N] [--json OUT]

`tiny` is 64-15-10 (a pixel is bright or not), `digits` the 192-63-63-10 of examples/digits.toml; both are trained here
by the golden model. Built without a board, as benchmarks/fmax.py does.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from bephw.boards.out_of_context import out_of_context
from bephw.cli.options import read_settings
from bephw.data.loading import load
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.rtl_gen.inference.verilog import STYLES
from bephw.settings import Settings

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "digits.toml"


def networks() -> dict[str, Settings]:
    """Settings by name."""
    tiny = Settings.build(
        network={"sizes": [64, 15], "classes": 10},
        learning={"gamma": 5, "nu": 0.5, "batch": 20, "r": 0.5, "epochs": 10},
        hardware={"rows": 3, "columns": 8},
        data={"name": "digits"},
    )
    return {"tiny": tiny, "digits": read_settings(EXAMPLE, ())}


def measure(name: str, settings: Settings, style: str, seed: int) -> dict[str, Any]:
    """One row of the table."""
    dataset = load(settings.data, classes=settings.network.classes, inputs=settings.network.sizes[0])
    model = GoldenModel(settings, initial_state(settings))
    for _ in range(settings.learning.epochs):
        model.train(dataset.x_train, dataset.y_train)
        model.end_batch()
    prediction, _ = model.predict(dataset.x_test)
    start = time.monotonic()
    component = STYLES[style](settings, model.state)
    found = out_of_context(component, "ecp5", seed=seed)
    latency, interval = component.latency(settings), component.interval(settings)
    return {
        "network": name,
        "sizes": [*settings.network.sizes, settings.network.classes],
        "style": style,
        "accuracy": float((prediction == dataset.y_test).mean()),
        "luts": found.luts,
        "ffs": found.ffs,
        "brams": found.brams,
        "fmax_mhz": found.fmax_mhz,
        "latency_cycles": latency,
        "interval_cycles": interval,
        "latency_ns": 1000 * latency / found.fmax_mhz,
        "samples_a_second": 1e6 * found.fmax_mhz / interval,
        "seconds": time.monotonic() - start,
    }


def main() -> None:
    """Build and print every network asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=("tiny", "digits"), nargs="+", default=["tiny", "digits"])
    parser.add_argument("--style", choices=list(STYLES), nargs="+", default=list(STYLES))
    parser.add_argument("--seed", type=int, default=1, help="of place and route")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = []
    for name in arguments.network:
        for style in arguments.style:
            row = measure(name, networks()[name], style, arguments.seed)
            rows.append(row)
            print(
                f"{'-'.join(map(str, row['sizes']))} {style}: {row['luts']} LUTs, {row['ffs']} flip-flops, "
                f"{row['fmax_mhz']:.1f} MHz, latency {row['latency_cycles']} cycles ({row['latency_ns']:.0f} ns), "
                f"interval {row['interval_cycles']}, {row['samples_a_second'] / 1e6:.1f} million samples a second, "
                f"accuracy {row['accuracy']:.1%}",
                flush=True,
            )
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps({"benchmark": "inference", "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
