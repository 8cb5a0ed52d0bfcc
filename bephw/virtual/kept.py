"""Compiled boards, kept in the user's cache: the same design is compiled once."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from bephw.boards.definition import Board
from bephw.caches import cache_folder
from bephw.files import errors_named
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.sim.compiler_options import build_arguments, make_variables
from bephw.state import NetworkState
from bephw.toolchain import require
from bephw.virtual.build import HARNESSES, compile_board
from bephw.virtual.verilog import board_verilog

__all__ = ["kept_board"]

MOST = 12
"""Boards that are kept: the last ones that were used."""


def kept_board(
    board: Board,
    settings: Settings,
    state: NetworkState | None = None,
    *,
    fast: bool = False,
    on_compiling: Callable[[], object] | None = None,
) -> Path:
    """The program that is `board` with the trainer of `settings`, its memories holding `state`.

    `fast`: without the UART (`board_verilog`). `on_compiling` is called where it has to be compiled, which takes
    minutes. Raises `BephwError` as `board_verilog` and `compile_board`.
    """
    verilog = board_verilog(board, settings, lambda: Trainer(settings, state), fast=fast)
    program = cache_folder(os.environ) / "boards" / _key(verilog, fast)
    if program.exists():
        os.utime(program)
        return program
    if on_compiling:
        on_compiling()
    with errors_named(program.parent):
        program.parent.mkdir(exist_ok=True)
        # Beside the place where it is kept, so that it gets there whole or not at all; its log stays if it fails.
        folder = Path(tempfile.mkdtemp(dir=program.parent, prefix=".build-"))
        compile_board(verilog, folder, fast=fast).replace(program)
        shutil.rmtree(folder, ignore_errors=True)
        _forget(program.parent)
    return program


def _key(verilog: str, fast: bool) -> str:
    """Of everything that decides what comes of compiling."""
    parts = (verilog, fast, require("verilator").version, require("g++").version)
    options = (build_arguments("verilator", "fast"), make_variables(True), *(path.read_text() for path in HARNESSES))
    return hashlib.sha256(repr((parts, options)).encode()).hexdigest()[:24]


def _forget(folder: Path) -> None:
    programs = [path for path in folder.iterdir() if path.is_file()]
    for old in sorted(programs, key=lambda path: path.stat().st_mtime)[:-MOST]:
        old.unlink(missing_ok=True)
