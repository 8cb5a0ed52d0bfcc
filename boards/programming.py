"""A bitstream onto a board, by openFPGALoader; whatever is in the way is said in one line, with what to do."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from bephw.boards.bitstream.flow import RESULT
from bephw.boards.bitstream.stages import NAME
from bephw.boards.definition import Board
from bephw.errors import BephwError
from bephw.toolchain import Tool, find, require

__all__ = ["board_of_build", "find_bitstream", "program"]

LOADER, ICE40_LOADER = "openFPGALoader", "iceprog"
LIBRARIES = "your system's packages: apt install libusb-1.0-0 libftdi1-2"
RULE = 'SUBSYSTEM=="usb", ATTRS{idVendor}=="0403", TAG+="uaccess"'

# What loaders print, and what it comes to.
MISSING_LIBRARY = re.compile(r"error while loading shared libraries: ([^:\s]+)")
NO_RIGHTS = re.compile(r"\B-4 \(|\B-8 \(|usb_open\(\) failed|LIBUSB_ERROR_ACCESS|[Pp]ermission|insufficient", re.ASCII)
NOT_THERE = re.compile(r"not found|[Nn]o DFU|[Nn]o (?:cable|device)|[Cc]an't find|[Cc]annot find", re.ASCII)


def find_bitstream(board: Board, path: Path) -> Path:
    """The bitstream that `path` is, or that a build left in the folder `path`.

    Raises `BephwError` where there is none, or it is another board's.
    """
    if not path.is_dir():
        if not path.exists():
            raise BephwError(f"{path}: no such bitstream or folder: make one with `bephw build --board {board.name}`")
        if path.suffix != board.bitstream:
            raise BephwError(f"{path}: a bitstream for {board.name} must end in {board.bitstream}")
        return path
    built_for = board_of_build(path)
    if built_for not in (None, board.name):
        raise BephwError(f"{path}: was built for {built_for}, not for {board.name}")
    found = path / f"{NAME}{board.bitstream}"
    if not found.exists():
        raise BephwError(f"{path}: has no {found.name}: make it with `bephw build --board {board.name}`")
    return found


def board_of_build(path: Path) -> str | None:
    """Name of the board that a build's folder is for; None where nothing says it."""
    try:
        return str(json.loads((path / RESULT).read_text(encoding="utf-8"))["board"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def program(
    board: Board,
    bitstream: Path,
    *,
    flash: bool = False,
    cable: str | None = None,
    on_line: Callable[[str], None] | None = None,
) -> None:
    """Load a bitstream.

    Args:
        flash: into the flash, where it is there after the next power-up too. iCE40 boards have no other way.
        cable: openFPGALoader's name of the cable, for a board without one of its own.
        on_line: called with every line that the loader prints.

    Raises `BephwError` where the board has a loader of its own, a tool or a library is missing, the board is not there
    or may not be used, or the loader fails.
    """
    if not board.programmer and not cable:
        raise BephwError(f"{board.name} {board.by_hand or 'needs --cable, and a JTAG cable that openFPGALoader knows'}")
    tool, arguments = _loader(board, flash, cable)
    done = _run(tool, [*arguments, str(bitstream)], on_line or (lambda line: None))
    if done is not None:
        raise BephwError(f"{board.name}: {_what_to_do(board, tool, done)}")


def _loader(board: Board, flash: bool, cable: str | None) -> tuple[Tool, list[str]]:
    """openFPGALoader; else iceprog, where it knows the board."""
    iceprog = find(ICE40_LOADER) if board.family == "ice40" and "ice40_generic" in board.programmer else None
    if find(LOADER) is None and iceprog is not None and cable is None:
        return iceprog, []
    found = list(board.programmer)
    if cable:
        own = found.index("-c") if "-c" in found else len(found)
        found[own : own + 2] = ["-c", cable]
    return require(LOADER), [*found, *(["-f"] if flash else [])]


def _run(tool: Tool, arguments: list[str], on_line: Callable[[str], None]) -> list[str] | None:
    """The lines of a loader that failed; None where it did not."""
    lines = []
    with subprocess.Popen(
        [*tool.command, *arguments],
        env=tool.full_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in map(str.strip, process.stdout):
            if line and line != "empty":  # what openFPGALoader says for want of a word
                on_line(line)
                lines.append(line)
    return lines if process.returncode else None


def _what_to_do(board: Board, tool: Tool, lines: list[str]) -> str:
    text = "\n".join(lines)
    if found := MISSING_LIBRARY.search(text):
        return f"{tool.name} needs {found[1]}: install it with {LIBRARIES}"
    last = lines[-1] if lines else "it said nothing"
    if NO_RIGHTS.search(text):
        return (
            f"no rights on the USB device ({tool.name}: {last}): as root, write {RULE} to "
            "/etc/udev/rules.d/70-bephw.rules, then plug it in again; for its serial port join group dialout"
        )
    if NOT_THERE.search(text):
        start = "in its bootloader" if "dfu" in text.lower() else "powered, by a cable that carries data"
        return f"was not found on USB ({tool.name}: {last}): connect it, {start}"
    return f"{tool.name} failed: {last}"
