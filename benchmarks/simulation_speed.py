"""How fast the emitted Verilog is simulated: clock cycles a second, under cocotb and without Python in the loop.

    python benchmarks/simulation_speed.py [examples/digits.toml] [--set KEY=VALUE] [--epochs 3] [--json OUT]

Both runs train on the same samples from the same state, on one core, compiled alike, and both must predict what the
golden model predicts. Seconds are those of simulation: compilation is timed by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.cli.options import read_settings
from bephw.errors import BephwError
from bephw.flow.learning import prepare
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.golden.rates import rates
from bephw.golden.training import sample_stream
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings
from bephw.sim.compiler_options import make_variables
from bephw.sim.job import Segment
from bephw.sim.plan import TOP
from bephw.sim.runner import simulate
from bephw.sim.words import stream_words
from bephw.state import NetworkState
from bephw.toolchain import require

HARNESS = Path(__file__).with_suffix(".cpp")
EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "digits.toml"


def samples_of(settings: Settings, epochs: int) -> tuple[Settings, NDArray[np.uint8], NDArray[np.integer]]:
    """Whole batches of real samples, and settings that need no register bus: nobody ends a batch, sets a rate or loads
    counters into memories that cannot start with any."""
    settings, dataset = prepare(settings)
    fixed = {"learning.rates": rates(settings, 1 / settings.network.classes), "learning.p_r": None}
    settings = settings.replace({**fixed, "hardware.counter_memory": "bram"})
    streams = [sample_stream(settings, dataset, epoch) for epoch in range(1, epochs + 1)]
    x, y = (np.concatenate(parts) for parts in zip(*streams, strict=True))
    count = len(x) // settings.learning.batch * settings.learning.batch
    return settings, x[:count].astype(np.uint8), y[:count]


def under_cocotb(settings: Settings, state: NetworkState, x, y, workdir: Path) -> tuple[int, float, NDArray]:
    """Cycles, seconds and predictions of all samples but a first batch: what is left when a run of that one alone,
    transfers of state and start of Python included, is taken off. The very first run compiles."""
    verilog = emit(settings, state, name=TOP)
    batch = settings.learning.batch

    def run(count: int):
        segment = Segment(x[:count], y[:count])
        return simulate(settings, state, [segment], verilog=verilog, workdir=workdir)

    run(batch)
    short, whole = run(batch), run(len(x))
    return whole.clocks - short.clocks, whole.seconds - short.seconds, whole.prediction


def without_python(settings: Settings, state: NetworkState, x, y, folder: Path) -> tuple[int, float, NDArray, float]:
    """Cycles, seconds, predictions, and the seconds of compilation."""
    if settings.hardware.stream_width + settings.network.classes.bit_length() > 64:
        raise BephwError("hardware.stream_width and a label must fit 64 bits here")
    verilator = require("verilator")
    source = folder / "design.v"
    source.write_text(emit(settings, state, name=TOP))
    words = np.fromiter(stream_words(x, y, settings.hardware.stream_width), np.uint64)
    words.tofile(folder / "words.bin")
    start = time.perf_counter()
    command = [*verilator.command, "--cc", "--exe", "--build", "-O3", "--x-assign", "unique", "--x-initial", "unique"]
    command += ["-Wno-fatal", "-Wno-lint", "--top-module", TOP, "--Mdir", str(folder / "obj")]
    environment = verilator.full_environment() | {"MAKEFLAGS": " ".join(make_variables(True))}
    _run([*command, str(source), str(HARNESS)], environment)
    compiled = time.perf_counter() - start
    program = str(folder / "obj" / f"V{TOP}")
    said = _run([program, str(folder / "words.bin"), str(folder / "predictions.bin"), str(len(x))], dict(os.environ))
    cycles, seconds = said.split()[-2:]
    payloads = np.fromfile(folder / "predictions.bin", np.uint32)
    label_bits = (settings.network.classes - 1).bit_length()
    return int(cycles), float(seconds), payloads & ((1 << label_bits) - 1), compiled


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise BephwError(f"{Path(command[0]).name} failed:\n{(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def main() -> None:
    """Time one design both ways."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", type=Path, nargs="?", default=EXAMPLE)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="changes")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file")
    options = parser.parse_args()

    settings, x, y = samples_of(read_settings(options.settings, tuple(options.changes)), options.epochs)
    state = initial_state(settings)
    expected = GoldenModel(settings, state).train(x, y).prediction
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="bephw-speed-") as name:
        folder = Path(name)
        python = under_cocotb(settings, state, x, y, folder / "cocotb")
        (folder / "plain").mkdir()
        plain = without_python(settings, state, x, y, folder / "plain")
    for way, (cycles, seconds, predictions) in {"cocotb": python, "without Python": plain[:3]}.items():
        if not np.array_equal(predictions, expected):
            raise BephwError(f"{way}: {np.sum(predictions != expected)} predictions differ from the golden model's")
        rows.append({"way": way, "cycles": cycles, "seconds": seconds, "cycles_per_second": cycles / seconds})
        print(f"{way:15} {cycles:,} cycles in {seconds:.2f} s: {cycles / seconds:,.0f} cycles a second")
    print(
        f"{len(x)} samples, all predictions as the golden model's; {settings.lanes} lanes; compiled in {plain[3]:.0f} s"
    )
    if options.json:
        figures = {
            "benchmark": "simulation_speed", "settings": settings.model_dump(mode="json"), "lanes": settings.lanes,
            "samples": len(x), "rows": rows, "compile_seconds": plain[3],
        }  # fmt: skip
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
