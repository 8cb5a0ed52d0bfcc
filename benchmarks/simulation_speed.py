"""How fast the emitted Verilog is simulated: clock cycles a second with both engines of `bephw sim`, and their ratio.

    python benchmarks/simulation_speed.py [examples/digits.toml] [--set KEY=VALUE] [--epochs 3] [--json OUT]

Both train on the same samples from the same state, on one core, compiled alike; both must predict what the golden model
predicts, in equally many cycles. Seconds are those of simulation: compilation is timed by itself.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from figures import write
from numpy.typing import NDArray

from bephw.cli.options import read_settings
from bephw.errors import BephwError
from bephw.flow.learning import prepare
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.golden.training import sample_stream
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings
from bephw.sim.job import Segment
from bephw.sim.launch import ENGINES
from bephw.sim.plan import TOP, Engine
from bephw.sim.runner import simulate
from bephw.state import NetworkState

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "digits.toml"


def samples_of(settings: Settings, epochs: int) -> tuple[Settings, NDArray[np.uint8], NDArray[np.integer]]:
    """Whole batches of real samples, and the settings that are complete with the data."""
    settings, dataset = prepare(settings)
    streams = [sample_stream(settings, dataset, epoch) for epoch in range(1, epochs + 1)]
    x, y = (np.concatenate(parts) for parts in zip(*streams, strict=True))
    count = len(x) // settings.learning.batch * settings.learning.batch
    return settings, x[:count].astype(np.uint8), y[:count]


def measure(engine: Engine, settings: Settings, state: NetworkState, verilog: str, x, y) -> dict[str, Any]:
    """Figures of one engine, and `prediction`.

    Cycles and seconds are what is left of a run when that of a first batch alone, transfers of state and start of
    Python included, is taken off. The very first run compiles.
    """
    with tempfile.TemporaryDirectory(prefix="bephw-speed-") as workdir:

        def run(count: int):
            segment = Segment(x[:count], y[:count])
            return simulate(
                settings, state, [segment], verilog=verilog, load=load, workdir=workdir, engine=engine, optimize=True
            )

        load = any(settings.single_ports)
        first, short, whole = (run(count) for count in (settings.learning.batch, settings.learning.batch, len(x)))
    cycles, seconds = whole.clocks - short.clocks, whole.seconds - short.seconds
    return {
        "way": engine,
        "cycles": cycles,
        "seconds": seconds,
        "cycles_per_second": cycles / seconds,
        "compile_seconds": first.seconds - short.seconds,
        "prediction": whole.prediction,
    }


def main() -> None:
    """Time one design with both engines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", type=Path, nargs="?", default=EXAMPLE)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="changes")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--samples", type=int, help="at most so many samples in all")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file")
    options = parser.parse_args()

    settings, x, y = samples_of(read_settings(options.settings, tuple(options.changes)), options.epochs)
    x, y = x[: options.samples], y[: options.samples]
    state = initial_state(settings)
    verilog = emit(settings, None if any(settings.single_ports) else state, name=TOP)
    expected = GoldenModel(settings, state).train(x, y).prediction
    rows = [measure(engine, settings, state, verilog, x, y) for engine in ENGINES]
    for row in rows:
        if wrong := int(np.sum(row.pop("prediction") != expected)):
            raise BephwError(f"{row['way']}: {wrong} predictions differ from the golden model's")
        print(
            f"{row['way']:8} {row['cycles']:,} cycles in {row['seconds']:.2f} s: {row['cycles_per_second']:,.0f} "
            f"cycles a second; compiled in {row['compile_seconds']:.0f} s"
        )
    cocotb, fast = rows
    if cocotb["cycles"] != fast["cycles"]:
        raise BephwError(f"cycles differ: {cocotb['cycles']} and {fast['cycles']}")
    ratio = fast["cycles_per_second"] / cocotb["cycles_per_second"]
    print(f"ratio {ratio:.2f}; {len(x)} samples, all predictions as the golden model's; {settings.lanes} lanes")
    if options.json:
        figures = {
            "benchmark": "simulation_speed", "settings": settings.model_dump(mode="json"), "lanes": settings.lanes,
            "samples": len(x), "rows": rows, "ratio": ratio,
        }  # fmt: skip
        write(options.json, figures)


if __name__ == "__main__":
    main()
