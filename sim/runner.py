"""`simulate`: the emitted Verilog, driven through its ports by a simulator."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bephw.rtl_gen.buses.names import NATIVE
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings
from bephw.sim.compiler_options import worth_optimising
from bephw.sim.exchange import Job, Outcome
from bephw.sim.job import MidBatchReset, Segment, Stalls, check_segments
from bephw.sim.launch import ENGINES, SIMULATORS, check_simulation, require_simulator, run_job
from bephw.sim.plan import TOP, Engine
from bephw.state import NetworkState

__all__ = ["ENGINES", "SIMULATORS", "SimResult", "require_simulator", "simulate"]


@dataclass(frozen=True)
class SimResult:
    """What came out of a simulation.

    Attributes:
        prediction: int64 (n,), of every sample of every segment in order.
        taught: bool (n,); (n, layers) for the local rule.
        state: after the last segment, as dumped through the `dump` port and read from the registers; thresholds of
            neurons are not in it, as they are fixed.
        registers: every register at the end, by name.
        statistics: for each segment, how far each statistics register advanced over it; its `cycles` are the clock
            cycles in which the trainer was busy.
        clocks: clock cycles simulated, state transfers and register accesses included.
        seconds: wall time, build included.
        average: of the weights (`WeightAverage.weights`), where segments asked for it.
    """

    prediction: NDArray[np.int64]
    taught: NDArray[np.bool_]
    state: NetworkState
    registers: dict[str, int]
    statistics: list[dict[str, int]]
    clocks: int
    seconds: float
    average: tuple[NDArray[np.int32], ...] = ()

    @property
    def cycles(self) -> int:
        """Clock cycles in which the trainer was busy with the segments."""
        return sum(statistics["cycles"] for statistics in self.statistics)


def simulate(
    settings: Settings,
    state: NetworkState,
    segments: Sequence[Segment],
    *,
    simulator: str = "verilator",
    workdir: str | Path | None = None,
    stalls: Stalls | None = None,
    load: bool = False,
    reset: MidBatchReset | None = None,
    verilog: str | None = None,
    optimize: bool | None = None,
    waves: Path | None = None,
    on_samples: Callable[[int], None] | None = None,
    engine: Engine = "cocotb",
    bus: str = NATIVE,
) -> SimResult:
    """Stream `segments` through a trainer that starts from `state`.

    Args:
        settings: of the trainer.
        state: to start from.
        segments: what to stream, in order.
        simulator: "verilator" or "icarus".
        workdir: keeps compiled designs, so that the same design is compiled once; None compiles in a temporary folder.
            A run that failed leaves its folder `run-*` there, with the simulator's log.
        stalls: keep the streams waiting at random.
        load: write `state` through the load port at run time; else the memories are initialised with it. Counters in
            SPRAM are always loaded, as they cannot be initialised.
        reset: disturb the trainer first; implies `load`.
        verilog: text of the design, with top module `bephw_trainer`, where it was emitted before: with `load` one text
            serves all states, margins, gates, batch sizes and rates, but not thresholds of neurons. None emits it.
        optimize: compile for long simulations; False compiles in a quarter of the time, and simulates a third as fast.
            None is whichever should be done first.
        waves: record all signals to this file, whose name ends in .vcd or .fst; slow, and large.
        on_samples: called now and then with the number of predictions so far.
        engine: "cocotb", or "fast": the same at the design's ports, cycle by cycle (but for stalls, which come in other
            cycles), from a compiled program; with "verilator", without waves, and with bus "native".
        bus: what reaches the registers, of `bephw.rtl_gen.buses.names.BUSES`.

    Raises `BephwError` where something is missing, does not fit the settings, or the simulation fails.
    """
    start = time.monotonic()
    check_simulation(simulator, waves, engine, bus)
    check_segments(settings, segments)
    load = load or reset is not None or any(settings.single_ports)
    if verilog is None:
        # Thresholds cannot be loaded: they are always in the text.
        verilog = emit(settings, state if settings.network.thresholds or not load else None, name=TOP, bus=bus)
    job = Job(settings, tuple(segments), stalls or Stalls(), state if load else None, reset, bus)
    outcome = run_job(
        job,
        verilog,
        lambda run: Outcome.load_from(run, settings),
        simulator=simulator,
        workdir=workdir,
        optimize=worth_optimising(_least_cycles(settings, segments, load)) if optimize is None else optimize,
        waves=waves,
        on_samples=on_samples,
        engine=engine,
        bus=bus,
    )
    return _result(outcome, settings, time.monotonic() - start)


def _least_cycles(settings: Settings, segments: Sequence[Segment], load: bool) -> int:
    """What the samples take where the slowest layer never waits; and the counters, which are read at the end, and may
    have been loaded: one a cycle."""
    interval = max(shape.forward_cycles * (shape.steps or 1) // shape.samples for shape in settings.shapes)
    counters = sum(shape.outputs * shape.inputs for shape in settings.shapes)
    return interval * sum(segment.samples for segment in segments) + counters * (2 if load else 1)


def _result(outcome: Outcome, settings: Settings, seconds: float) -> SimResult:
    label_bits = (settings.network.classes - 1).bit_length()
    return SimResult(
        prediction=outcome.predictions & (2**label_bits - 1),
        taught=_taught(outcome.predictions >> label_bits, settings),
        state=outcome.state,
        registers=outcome.registers,
        statistics=outcome.statistics,
        clocks=outcome.clocks,
        seconds=seconds,
        average=outcome.average,
    )


def _taught(bits: NDArray[np.int64], settings: Settings) -> NDArray[np.bool_]:
    """A bit a classifier, the lowest layer's lowest."""
    if not settings.local:
        return bits.astype(bool)
    return (bits[:, None] >> np.arange(settings.network.layers) & 1).astype(bool)
