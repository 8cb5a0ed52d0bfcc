"""Starting a simulator as a process of its own, and what it says when it fails."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from bephw.errors import BephwError, check
from bephw.files import errors_named
from bephw.sim.build import NEEDED_TOOLS, Plan
from bephw.sim.exchange import beats_file, outcome_file
from bephw.toolchain import require

__all__ = ["SIMULATORS", "remove_run", "require_simulator", "run_plan", "working_folder"]

SIMULATORS = tuple(NEEDED_TOOLS)
POLL_SECONDS = 0.1
LOG_LINES = 12


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


@contextlib.contextmanager
def working_folder(workdir: str | Path | None) -> Iterator[Path]:
    """The folder `workdir`, made where it is missing; where None, one that is gone afterwards. Raises `BephwError`."""
    if workdir is None:
        with tempfile.TemporaryDirectory(prefix="bephw-sim-") as temporary, errors_named(temporary):
            yield Path(temporary)
        return
    folder = Path(workdir).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BephwError(f"workdir {workdir}: cannot be made: {error.strerror}") from error
    with errors_named(workdir):
        yield folder


def run_plan(plan: Plan, environment: dict[str, str], on_samples: Callable[[int], None]) -> None:
    """Build, unless it has been built, and simulate; `on_samples` is called now and then with the predictions so far.

    Raises `BephwError` with what went wrong.
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


def remove_run(run: Path) -> None:
    """Remove the folder of a run."""
    for path in run.iterdir():
        path.unlink()
    run.rmdir()
