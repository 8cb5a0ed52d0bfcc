"""`simulate_inference`: the emitted Verilog of inference alone, driven through its ports by a simulator."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bephw.rtl_gen.inference.verilog import STYLES, emit_inference
from bephw.settings import Settings
from bephw.sim.build import INFERENCE, NEEDED_TOOLS, Plan
from bephw.sim.exchange import outcome_file
from bephw.sim.inference_job import InferenceJob
from bephw.sim.job import Segment, Stalls, check_segments
from bephw.sim.launch import remove_run, require_simulator, run_plan, working_folder
from bephw.state import NetworkState, load_arrays
from bephw.toolchain import require

__all__ = ["InferenceResult", "simulate_inference"]


@dataclass(frozen=True, eq=False)
class InferenceResult:
    """What came out of a simulation.

    Attributes:
        prediction: int64 (n,).
        cycles: clock cycles from the first sample's first word to the last prediction.
        seconds: wall time, build included.
    """

    prediction: NDArray[np.int64]
    cycles: int
    seconds: float


def simulate_inference(
    settings: Settings,
    state: NetworkState,
    x: NDArray[np.uint8],
    *,
    style: str,
    simulator: str = "verilator",
    workdir: str | Path | None = None,
    stalls: Stalls | None = None,
    optimize: bool = True,
    on_samples: Callable[[int], None] | None = None,
) -> InferenceResult:
    """Classify bits `x` (n, K_0) with the Verilog of `emit_inference`.

    `simulator`, `workdir`, `stalls`, `optimize` and `on_samples` are those of `bephw.sim.runner.simulate`. Raises
    `BephwError` where something is missing or does not fit, or the simulation fails.
    """
    start = time.monotonic()
    environment = require_simulator(simulator)
    check_segments(settings, [Segment(x, np.zeros(len(x), np.int64), learn=False)])
    verilog = emit_inference(settings, state, style=style, name=INFERENCE.top)
    silence = 1_000 + 2 * STYLES[style].latency(settings)
    job = InferenceJob(x, STYLES[style].word_width(settings), stalls or Stalls(), silence)
    with working_folder(workdir) as folder:
        run = Path(tempfile.mkdtemp(prefix="run-", dir=folder))
        job.save(run)
        version = require(NEEDED_TOOLS[simulator][0]).version
        plan = Plan(simulator, version, verilog, str(folder), str(run), optimize, waves=False, inference=True)
        run_plan(plan, environment, on_samples or (lambda count: None))
        outcome = load_arrays(outcome_file(run))
        remove_run(run)
    return InferenceResult(outcome["prediction"], int(outcome["cycles"]), time.monotonic() - start)
