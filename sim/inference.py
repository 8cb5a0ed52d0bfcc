"""`simulate_inference`: the emitted Verilog of inference alone, driven through its ports by a simulator."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bephw.rtl_gen.buses.names import NATIVE
from bephw.rtl_gen.designs import timing, word_width
from bephw.rtl_gen.verilog import emit_inference
from bephw.settings import Settings
from bephw.sim.compiler_options import worth_optimising
from bephw.sim.exchange import outcome_file
from bephw.sim.inference_job import InferenceJob
from bephw.sim.job import Segment, Stalls, check_segments
from bephw.sim.launch import check_simulation, run_job
from bephw.sim.plan import INFERENCE, Engine
from bephw.state import load_arrays
from bephw.states import AnyState

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
    state: AnyState,
    x: NDArray[np.uint8],
    *,
    style: str,
    simulator: str = "verilator",
    workdir: str | Path | None = None,
    stalls: Stalls | None = None,
    optimize: bool | None = None,
    waves: Path | None = None,
    on_samples: Callable[[int], None] | None = None,
    engine: Engine = "cocotb",
    bus: str = NATIVE,
) -> InferenceResult:
    """Classify bits `x` (n, K_0), or (n, steps, K_0), with the Verilog of `emit_inference`, on `bus`.

    `simulator`, `workdir`, `stalls`, `optimize`, `waves`, `on_samples`, `engine` and `bus` are those of
    `bephw.sim.runner.simulate`. Raises `BephwError` where something is missing or does not fit, or the simulation
    fails.
    """
    start = time.monotonic()
    check_simulation(simulator, waves, engine, bus)
    check_segments(settings, [Segment(x, np.zeros(len(x), np.int64), learn=False)])
    verilog = emit_inference(settings, state, style=style, name=INFERENCE.top, bus=bus)
    time_of = timing(settings, state, style)
    silence = 1_000 + 2 * time_of.latency
    cycles = math.ceil(len(x) * time_of.interval)
    label_width = (settings.network.classes - 1).bit_length()
    job = InferenceJob(x, word_width(settings, style), label_width, stalls or Stalls(), silence, bus)
    outcome = run_job(
        job,
        verilog,
        lambda run: load_arrays(outcome_file(run)),
        simulator=simulator,
        workdir=workdir,
        optimize=worth_optimising(cycles) if optimize is None else optimize,
        waves=waves,
        on_samples=on_samples,
        inference=True,
        engine=engine,
        bus=bus,
    )
    return InferenceResult(outcome["prediction"], int(outcome["cycles"]), time.monotonic() - start)
