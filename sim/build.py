"""Compiling a design for a simulator, once for each text, simulator and set of options; and starting it.

Runs as a program of its own, `python -m bephw.sim.build PLAN`, with the environment that the tools need, so that nobody
has to change the environment of the process that calls `simulate`.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bephw.errors import BephwError
from bephw.sim.compilation import compile_design
from bephw.sim.plan import Plan
from bephw.sim.waves import waves_file

__all__ = ["main"]

# Whatever has no value at power-up starts as random bits, the same in every run.
RUN_ARGUMENTS = {"verilator": ("+verilator+rand+reset+2", "+verilator+seed+1"), "icarus": ()}


def main() -> None:
    """Build, unless it has been built, and run the plan that the command line names."""
    plan = Plan(**json.loads(Path(sys.argv[1]).read_text()))
    folder = plan.build_folder
    try:
        with _locked(folder.with_suffix(".lock")):
            if not (folder / "complete").exists():
                _build(plan, folder)
        (_start if plan.engine == "cocotb" else _start_fast)(plan, folder)
    except BephwError as error:
        sys.exit(f"Error: {error}")
    except (RuntimeError, subprocess.CalledProcessError):
        sys.exit(1)  # A program failed, and has said why: a traceback would only bury it.


def _build(plan: Plan, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    compile_design(plan, folder)
    (folder / "complete").touch()


def _start(plan: Plan, folder: Path) -> None:
    # Imported here: cocotb is an optional dependency.
    from cocotb_tools.runner import get_runner

    arguments = list(RUN_ARGUMENTS[plan.simulator])
    if plan.waves is not None:
        recorded = waves_file(Path(plan.run), plan.waves)
        if plan.simulator == "verilator":
            arguments += ["--trace", "--trace-file", recorded.name]
        else:
            # cocotb's runner ends the command with "-none", and vvp goes by the last it is told.
            os.environ["SIM_CMD_SUFFIX"] = f"-{plan.waves}"
    get_runner(plan.simulator).test(
        test_module=plan.design.bench,
        hdl_toplevel=plan.design.top,
        hdl_toplevel_lang="verilog",
        build_dir=folder,
        test_dir=plan.run,
        results_xml=str(Path(plan.run) / "results.xml"),
        test_args=arguments,
        extra_env={"BEPHW_SIM_JOB": plan.run},
    )


def _start_fast(plan: Plan, folder: Path) -> None:
    # Imported here: what it imports takes as long as a small compilation, and cocotb's engine has no use for it.
    from bephw.sim.fast_bench import run_inference, run_trainer

    bench = run_inference if plan.inference else run_trainer
    bench(folder / plan.design.top, Path(plan.run), RUN_ARGUMENTS[plan.simulator])


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two runs of one design at the same time build it once."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()
