"""Compiling a board's design with Verilator.

`python -m bephw.virtual.build FOLDER` is a program of its own, so that nobody has to change the environment of the
process that wants it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bephw.errors import BephwError
from bephw.sim.compilation import compile_with_harness
from bephw.sim.launch import require_simulator
from bephw.virtual.verilog import TOP

__all__ = ["HARNESSES", "compile_board", "main"]

HERE = Path(__file__).parent
HARNESS = HERE / "harness.cpp"
HEADERS = (HERE / "board.h", HERE / "server.h")
LINES = {False: HERE / "serial_line.h", True: HERE / "byte_line.h"}
HARNESSES = (HARNESS, *HEADERS, *LINES.values())
"""All that is compiled besides the design."""
SOURCE = "board.v"


def compile_board(verilog: str, folder: Path, *, fast: bool = False) -> Path:
    """The program, in the empty folder; `fast` as `board_verilog` was told.

    Raises `BephwError` where a tool is missing or fails.
    """
    environment = require_simulator("verilator", "fast")
    (folder / SOURCE).write_text(verilog)
    for header in HEADERS:
        shutil.copy(header, folder)
    shutil.copy(LINES[fast], folder / "line.h")
    command = [sys.executable, "-m", "bephw.virtual.build", str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    (folder / "build.log").write_text(done.stdout + done.stderr)
    if done.returncode:
        raise BephwError(f"the board's design cannot be compiled: see {folder / 'build.log'}")
    return folder / TOP


def main() -> None:
    """Compile what the folder has."""
    folder = Path(sys.argv[1])
    try:
        compile_with_harness((folder / SOURCE).read_text(), TOP, HARNESS, folder, optimize=True)
    except subprocess.CalledProcessError:
        sys.exit(1)  # a tool has failed, and has said why


if __name__ == "__main__":
    main()
