"""Starting a simulator as a process of its own, and what it says when it fails."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, TypeVar

from bephw.errors import BephwError, check
from bephw.files import check_writable, errors_named
from bephw.rtl_gen.buses.names import BUSES, NATIVE
from bephw.sim.compilation import NEEDED_TOOLS
from bephw.sim.exchange import beats_file, outcome_file
from bephw.sim.plan import ENGINES, Engine, Plan
from bephw.sim.waves import check_waves, deliver_waves, waves_format
from bephw.toolchain import require

__all__ = ["ENGINES", "SIMULATORS", "check_simulation", "require_simulator", "run_job"]

SIMULATORS = tuple(NEEDED_TOOLS)
POLL_SECONDS = 0.1
FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
LONGEST_REASON = 240  # characters
ALMOST_FULL = 64 * 1024  # bytes left, below which a run that said nothing is taken to have failed for want of them
# Variables by which cocotb's runner would do other than it is told; it also behaves differently inside a pytest test.
MISLEADING = ("PYTEST_CURRENT_TEST", "WAVES", "GUI", "SIM_CMD_PREFIX", "SIM_CMD_SUFFIX", "MAKEFLAGS", "MAKELEVEL")

T = TypeVar("T")


class _Savable(Protocol):
    def save(self, folder: Path) -> None: ...


def require_simulator(simulator: str, engine: Engine = "cocotb") -> dict[str, str]:
    """The environment in which `simulator` runs. Raises `BephwError` that names what is missing."""
    check(simulator in SIMULATORS, f"simulator must be one of {', '.join(SIMULATORS)}, not {simulator!r}")
    check(engine in ENGINES, f"engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    check(
        engine == "cocotb" or simulator == "verilator",
        f"engine {engine!r} works with simulator 'verilator' only, not {simulator!r}",
    )
    check(
        engine != "cocotb" or find_spec("cocotb") is not None,
        "cocotb is needed to simulate: install it with pip install 'bephw[sim]'",
    )
    environment = dict(os.environ)
    for tool in NEEDED_TOOLS[simulator]:
        environment.update(require(tool).environment)
    for name in MISLEADING:
        environment.pop(name, None)
    # Bench modules need no rewritten assertions.
    return environment | {"COCOTB_REWRITE_ASSERTION_FILES": "", "COCOTB_ANSI_OUTPUT": "0"}


def check_simulation(simulator: str, waves: Path | None = None, engine: Engine = "cocotb", bus: str = NATIVE) -> None:
    """Raise `BephwError` where `simulator` cannot run, or `engine` drive `bus`, or cannot record to `waves`: before a
    long run, not in it."""
    require_simulator(simulator, engine)
    check(bus in BUSES, f"bus must be one of {', '.join(BUSES)}, not {bus!r}")
    check(engine == "cocotb" or bus == NATIVE, f"engine {engine!r} drives bus 'native' only, not {bus!r}")
    if waves is not None:
        check(engine == "cocotb", f"waves {waves}: engine {engine!r} records none; engine 'cocotb' does")
        check_waves(waves, simulator)
        check_writable(waves)


def run_job(
    job: _Savable,
    verilog: str,
    read: Callable[[Path], T],
    *,
    simulator: str,
    workdir: str | Path | None,
    optimize: bool,
    waves: Path | None,
    on_samples: Callable[[int], None] | None,
    inference: bool = False,
    engine: Engine = "cocotb",
    bus: str = NATIVE,
) -> T:
    """Simulate `verilog` with the bench of its kind doing `job`; return what `read` makes of the run's folder.

    `workdir`, `optimize`, `waves`, `on_samples`, `engine` and `bus` are those of `bephw.sim.runner.simulate`. Raises
    `BephwError` with what went wrong.
    """
    check_simulation(simulator, waves, engine, bus)
    environment = require_simulator(simulator, engine)
    version = require(NEEDED_TOOLS[simulator][0]).version
    with _working_folder(workdir) as folder:
        run = Path(tempfile.mkdtemp(prefix="run-", dir=folder))
        job.save(run)
        recorded = waves_format(waves) if waves is not None else None
        plan = Plan(simulator, version, verilog, str(folder), str(run), optimize, recorded, inference, engine, bus)
        _run_plan(plan, environment, on_samples or (lambda count: None), kept=workdir is not None)
        result = read(run)
        if waves is not None:
            deliver_waves(run, waves)
        shutil.rmtree(run)
    return result


@contextlib.contextmanager
def _working_folder(workdir: str | Path | None) -> Iterator[Path]:
    """The folder `workdir`, made where it is missing; where None, one that is gone afterwards.

    Raises `BephwError` where it cannot be made; within, a full disk becomes one that names it.
    """
    with contextlib.ExitStack() as stack:
        if workdir is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bephw-sim-"))).resolve()
        else:
            folder = Path(workdir).resolve()
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise BephwError(f"workdir {workdir}: cannot be made: {error.strerror}") from error
        with errors_named(folder):
            yield folder


def _run_plan(plan: Plan, environment: dict[str, str], on_samples: Callable[[int], None], *, kept: bool) -> None:
    """Build, unless it has been built, and simulate; `on_samples` is called now and then with the predictions so far.

    `kept` says whether the log will still be there when somebody reads the error.
    """
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
        where = f"see {log}" if kept else "name a workdir to keep its log"
        raise BephwError(f"simulation with {plan.simulator} failed: {_reason(log, Path(plan.workdir))}; {where}")


def _report(path: Path, on_samples: Callable[[int], None]) -> None:
    try:
        count = int(path.read_text())
    except (OSError, ValueError):  # not there yet, or caught half-written
        return
    on_samples(count)


def _reason(log: Path, folder: Path) -> str:
    """What went wrong, in one line: as a tool or the bench said it."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    if any(os.strerror(code) in line for line in lines for code in FULL_DISK):
        return _full(folder)
    by_tool = [line for line in lines if line.startswith("%Error") or "error: " in line]
    by_bench = [line for line in lines if "Error: " in line]
    if said := by_tool[:1] or by_bench[-1:]:
        return textwrap.shorten(said[0], LONGEST_REASON, placeholder=" ...")
    # Who cannot write cannot say so either.
    return _full(folder) if shutil.disk_usage(folder).free < ALMOST_FULL else "it ended without a result"


def _full(folder: Path) -> str:
    return f"{folder}: cannot be written: {os.strerror(errno.ENOSPC)}"
