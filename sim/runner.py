"""`simulate`: the emitted Verilog, driven through its ports by a simulator."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, check
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings
from bephw.sim.build import NEEDED_TOOLS, TOP, Plan
from bephw.sim.exchange import Job, Outcome, beats_file, outcome_file
from bephw.sim.job import MidBatchReset, Segment, Stalls, check_segments
from bephw.state import NetworkState
from bephw.toolchain import require

__all__ = ["SIMULATORS", "SimResult", "require_simulator", "simulate"]

SIMULATORS = tuple(NEEDED_TOOLS)
POLL_SECONDS = 0.1
LOG_LINES = 12


@dataclass(frozen=True)
class SimResult:
    """What came out of a simulation.

    Attributes:
        prediction: int64 (n,), of every sample of every segment in order.
        taught: bool (n,).
        state: after the last segment, as dumped through the `dump` port and read from the registers; thresholds of
            neurons are not in it, as they are fixed.
        registers: every register at the end, by name.
        statistics: for each segment, how far each statistics register advanced over it; its `cycles` are the clock
            cycles in which the trainer was busy.
        clocks: clock cycles simulated, state transfers and register accesses included.
        seconds: wall time, build included.
    """

    prediction: NDArray[np.int64]
    taught: NDArray[np.bool_]
    state: NetworkState
    registers: dict[str, int]
    statistics: list[dict[str, int]]
    clocks: int
    seconds: float

    @property
    def cycles(self) -> int:
        """Clock cycles in which the trainer was busy with the segments."""
        return sum(statistics["cycles"] for statistics in self.statistics)


def require_simulator(simulator: str) -> dict[str, str]:
    """The environment in which `simulator` runs. Raises `BephwError` that names what is missing."""
    check(simulator in SIMULATORS, f"simulator must be one of {', '.join(SIMULATORS)}, not {simulator!r}")
    check(find_spec("cocotb") is not None, "cocotb is needed to simulate: install it with pip install 'bephw[sim]'")
    environment = dict(os.environ)
    for tool in NEEDED_TOOLS[simulator]:
        environment.update(require(tool).environment)
    # cocotb's runner behaves differently inside a pytest test, and bench modules need no rewritten assertions.
    environment.pop("PYTEST_CURRENT_TEST", None)
    return environment | {"COCOTB_REWRITE_ASSERTION_FILES": "", "COCOTB_ANSI_OUTPUT": "0"}


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
    optimize: bool = True,
    waves: bool = False,
    on_samples: Callable[[int], None] | None = None,
) -> SimResult:
    """Stream `segments` through a trainer that starts from `state`.

    Args:
        settings: of the trainer.
        state: to start from.
        segments: what to stream, in order.
        simulator: "verilator" or "icarus".
        workdir: keeps compiled designs, so that the same design is compiled once; None compiles in a temporary folder.
            A run that failed, or recorded waves, leaves its folder `run-*` there, with the simulator's log.
        stalls: keep the streams waiting at random.
        load: write `state` through the load port at run time; else the memories are initialised with it. Counters in
            SPRAM are always loaded, as they cannot be initialised.
        reset: disturb the trainer first; implies `load`.
        verilog: text of the design, with top module `bephw_trainer`, where it was emitted before: with `load` one text
            serves all states, margins, gates, batch sizes and rates, but not thresholds of neurons. None emits it.
        optimize: compile for long simulations; False compiles in a quarter of the time, and simulates a third as fast.
        waves: record all signals (a VCD or FST file in the run's folder); slow.
        on_samples: called now and then with the number of predictions so far.

    Raises `BephwError` where something is missing, does not fit the settings, or the simulation fails.
    """
    start = time.monotonic()
    environment = require_simulator(simulator)
    check_segments(settings, segments)
    load = load or reset is not None or any(settings.single_ports)
    if verilog is None:
        # Thresholds cannot be loaded: they are always in the text.
        verilog = emit(settings, state if settings.network.thresholds or not load else None, name=TOP)
    job = Job(settings, tuple(segments), stalls or Stalls(), state if load else None, reset)
    with _folder(workdir) as folder:
        run = Path(tempfile.mkdtemp(prefix="run-", dir=folder))
        job.save(run)
        version = require(NEEDED_TOOLS[simulator][0]).version
        plan = Plan(simulator, version, verilog, str(folder), str(run), optimize, waves)
        _run(plan, environment, on_samples or (lambda count: None))
        outcome = Outcome.load_from(run, settings)
        if not waves:
            _remove(run)
    return _result(outcome, settings, time.monotonic() - start)


@contextlib.contextmanager
def _folder(workdir: str | Path | None) -> Iterator[Path]:
    if workdir is None:
        with tempfile.TemporaryDirectory(prefix="bephw-sim-") as temporary:
            yield Path(temporary)
        return
    folder = Path(workdir).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BephwError(f"workdir {workdir}: cannot be made: {error.strerror}") from error
    yield folder


def _run(plan: Plan, environment: dict[str, str], on_samples: Callable[[int], None]) -> None:
    run = Path(plan.run)
    log = run / "simulator.log"
    command = [sys.executable, "-m", "bephw.sim.build", str(plan.save())]
    with (
        open(log, "w") as output,
        subprocess.Popen(
            command,
            cwd=run,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            while process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(POLL_SECONDS)
                _report(beats_file(run), on_samples)
        except BaseException:
            # The simulator is a grandchild: its whole session goes, or it would run on after an interrupt.
            os.killpg(process.pid, 15)
            raise
    if process.returncode or not outcome_file(run).exists():
        raise BephwError(_failure(plan.simulator, log))


def _report(path: Path, on_samples: Callable[[int], None]) -> None:
    with contextlib.suppress(OSError, ValueError):  # not there yet, or caught half-written
        on_samples(int(path.read_text()))


def _failure(simulator: str, log: Path) -> str:
    """What went wrong, if a tool or the bench said so; where the log is; and the log's last lines."""
    lines = [line.rstrip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    by_tool = [line.strip() for line in lines if line.startswith("%Error") or "error: " in line]
    by_bench = [line.strip() for line in lines if "Error: " in line]
    said = by_tool[:1] or by_bench[-1:] or ["it ended without a result"]
    return "\n".join([f"simulation with {simulator} failed: {said[0]}; the last lines of {log}:", *lines[-LOG_LINES:]])


def _remove(run: Path) -> None:
    for path in run.iterdir():
        path.unlink()
    run.rmdir()


def _result(outcome: Outcome, settings: Settings, seconds: float) -> SimResult:
    label_bits = (settings.network.classes - 1).bit_length()
    return SimResult(
        prediction=outcome.predictions & (2**label_bits - 1),
        taught=(outcome.predictions >> label_bits).astype(bool),
        state=outcome.state,
        registers=outcome.registers,
        statistics=outcome.statistics,
        clocks=outcome.clocks,
        seconds=seconds,
    )
