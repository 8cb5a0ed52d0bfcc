"""Compiling Verilog for a simulator and cocotb.

Everything happens in the build folder and by names relative to it: make, and much of what it calls, takes a path to be
several where it has spaces in it, and nobody chooses where a virtual environment or a temporary folder lies.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bephw.caches import cache_folder
from bephw.sim.compiler_options import HARNESS, WAVES_ARGUMENTS, build_arguments, make_variables
from bephw.sim.plan import Engine, Plan
from bephw.sim.waves import Format
from bephw.toolchain import Tool, require

__all__ = ["NEEDED_TOOLS", "compile_design", "compile_with_harness"]

NEEDED_TOOLS = {"verilator": ("verilator", "make", "g++", "perl"), "icarus": ("iverilog",)}

ALL_SIGNALS = ("--public-flat-rw", "--trace-max-width", "0", "--trace-max-array", "0")
DESIGN, VERILATOR = "design.v", "verilator"
MOST_JOBS = 4
RUNTIME = ("verilated", "verilated_threads")
RUNTIME_FOR_VPI = ("verilated_dpi", "verilated_vpi")
RUNTIME_FOR_WAVES = {None: (), "vcd": ("verilated_vcd_c",), "fst": ("verilated_fst_c",)}


def compile_design(plan: Plan, folder: Path) -> None:
    """Compile the design of `plan` in the empty `folder`. Raises `CalledProcessError` where a tool fails."""
    (folder / DESIGN).write_text(plan.verilog)
    if plan.simulator == "icarus":
        _with_icarus(plan, folder)
    elif plan.engine == "fast":
        _with_verilator(plan.design.top, _harness(HARNESS, folder), folder, plan.engine, plan.optimize)
    else:
        _with_verilator(plan.design.top, _cocotb(plan, folder), folder, plan.engine, plan.optimize, plan.waves)


def compile_with_harness(verilog: str, top: str, harness: Path, folder: Path, *, optimize: bool) -> None:
    """Compile any Verilog with a driver in C++ of its own, to the program `top` in the empty `folder`.

    To the driver the design is the class `Vtop`. Raises `CalledProcessError` where a tool fails.
    """
    (folder / DESIGN).write_text(verilog)
    _with_verilator(top, _harness(harness, folder), folder, "fast", optimize)


def _run(command: list[str], folder: Path, **variables: str) -> None:
    """Run a tool in the folder; it keeps its temporary files there too."""
    temporary = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), ".")
    subprocess.run(command, cwd=folder, env={**os.environ, **temporary, **variables}, check=True)


def _with_icarus(plan: Plan, folder: Path) -> None:
    (folder / "commands.f").write_text("+timescale+1ns/1ns\n")
    tops, sources = [plan.design.top], [DESIGN]
    if plan.waves is not None:
        tops.append("bephw_waves")
        sources.append("waves.v")
        (folder / "waves.v").write_text(
            "module bephw_waves;\n  initial begin\n"
            f'    $dumpfile("waves.{plan.waves}");\n    $dumpvars(0, {plan.design.top});\n'
            "  end\nendmodule\n"
        )
    named = [word for top in tops for word in ("-s", top)]
    _run([*require("iverilog").command, *build_arguments("icarus", plan.engine), *named, *sources], folder)


def _with_verilator(
    top: str, driver: list[str], folder: Path, engine: Engine, optimize: bool, waves: Format | None = None
) -> None:
    root = _root(require("verilator"))
    (folder / VERILATOR).symlink_to(root)
    runtime = _Runtime(folder, root, engine, waves)
    runtime.fetch()
    arguments = build_arguments("verilator", engine)
    _verilate([*arguments, "--top-module", top, "-o", top, *driver, DESIGN], folder)
    # verilated.mk refuses to work below a folder with a space in its path. All it would use it for is this question.
    variables = ("CURDIR=.", f"VERILATOR_ROOT={VERILATOR}", f"PYTHON3={_for_make(sys.executable)}")
    jobs = str(min(os.cpu_count() or 1, MOST_JOBS))
    _run([*require("make").command, "-j", jobs, "-f", "Vtop.mk", *variables, *make_variables(optimize)], folder)
    runtime.keep()


def _harness(source: Path, folder: Path) -> list[str]:
    """A driver of the design in C++: what Verilator is told of it."""
    shutil.copy(source, folder)
    return [source.name]


def _cocotb(plan: Plan, folder: Path) -> list[str]:
    """The same of cocotb's."""
    import cocotb_tools.config as cocotb

    shutil.copy(cocotb.share_dir / "lib" / "verilator" / "verilator.cpp", folder)
    arguments = ["-LDFLAGS", _libraries(cocotb.libs_dir), "verilator.cpp"]
    if plan.waves is not None:
        return [*ALL_SIGNALS, *WAVES_ARGUMENTS[plan.waves], *arguments]
    (folder / "ports.vlt").write_text(_control_file(plan.design.top, plan.design.ports))
    return [*arguments, "ports.vlt"]


def _root(verilator: Tool) -> str:
    """Verilator's VERILATOR_ROOT."""
    if known := verilator.environment.get("VERILATOR_ROOT"):
        return known
    return subprocess.check_output([*verilator.command, "--getenv", "VERILATOR_ROOT"], text=True).strip()


def _verilate(arguments: list[str], folder: Path) -> None:
    """Run Verilator; its script hands the path of its program to a shell unquoted, so that goes by the link."""
    program = f"{VERILATOR}/bin/verilator_bin"
    linked = {"VERILATOR_ROOT": VERILATOR, "VERILATOR_BIN": program} if (folder / program).exists() else {}
    _run([*require("verilator").command, *arguments], folder, **linked)


def _control_file(top: str, ports: tuple[str, ...]) -> str:
    lines = [f'public_flat_rw -module "{top}" -var "{port}"\n' for port in ports]
    return "".join(["`verilator_config\n", *lines])


def _libraries(folder: Path) -> str:
    """What links cocotb, in words for make and for the shell that it starts."""
    path = _for_make(str(folder))
    return f"-Xlinker -rpath -Xlinker {path} -L{path} -lcocotbvpi_verilator"


def _for_make(path: str) -> str:
    """A path as one word of a make recipe."""
    return shlex.quote(path).replace("$", "$$").replace("#", r"\#")


class _Runtime:
    """Verilator's run-time library, compiled: the same for all designs, most of a small one's compile time, and so kept
    in the user's cache."""

    def __init__(self, build: Path, root: str, engine: Engine, waves: Format | None) -> None:
        parts = (require("verilator").version, root, require("g++").version, waves, engine)
        key = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
        self._folder = cache_folder(os.environ) / f"verilator-{key}"
        self._build = build
        through_vpi = RUNTIME_FOR_VPI if engine == "cocotb" else ()
        self._names = (*RUNTIME, *through_vpi, *RUNTIME_FOR_WAVES[waves])

    def fetch(self) -> None:
        """Put it where make finds it.

        Dated ahead: Verilator's makefile compiles it again whenever Vtop.mk, which is about to be written, is newer.
        """
        ahead = time.time() + 3600
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            os.utime(shutil.copy(path, self._build), (ahead, ahead))

    def keep(self) -> None:
        """Take it from a finished build. Whoever comes second, at the same time, leaves it; so does a full disk."""
        objects = [self._build / f"{name}.o" for name in self._names]
        if self._folder.is_dir() or not all(path.exists() for path in objects):
            return
        with (
            contextlib.suppress(OSError),
            tempfile.TemporaryDirectory(dir=self._folder.parent, prefix=".verilator-") as folder,
        ):
            ours = Path(folder) / "objects"
            ours.mkdir()
            for path in objects:
                shutil.copy(path, ours)
            ours.rename(self._folder)
