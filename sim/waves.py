"""Recording all signals of a simulation: which formats there are, and what each needs."""

from __future__ import annotations

import mmap
import subprocess
import tempfile
from pathlib import Path
from typing import Literal, cast, get_args

from bephw.errors import BephwError, check
from bephw.files import write_bytes
from bephw.toolchain import require

__all__ = ["Format", "check_waves", "deliver_waves", "waves_file", "waves_format"]

Format = Literal["vcd", "fst"]

USES_LZ4 = "#include <lz4.h>\n#include <zlib.h>\nint main() { return LZ4_versionNumber() + !zlibVersion(); }\n"


def waves_format(path: Path) -> Format:
    """The format that the suffix of `path` names. Raises `BephwError` for any other suffix."""
    suffix = path.suffix.lower().removeprefix(".")
    check(suffix in get_args(Format), f"waves {path}: the name must end in .vcd or .fst, which says the format")
    return cast(Format, suffix)


def check_waves(path: Path, simulator: str) -> None:
    """Raise `BephwError` where `simulator` could not record to `path`."""
    if waves_format(path) == "fst" and simulator == "verilator" and not _lz4_links():
        raise BephwError(
            f"waves {path}: Verilator's FST needs the headers of lz4 and zlib to compile: install them with your "
            "system's packages (apt install liblz4-dev zlib1g-dev), name a .vcd file, or use icarus"
        )


def _lz4_links() -> bool:
    """Whether Verilator's writer of FST can be compiled here."""
    with tempfile.TemporaryDirectory(prefix="bephw-") as folder:
        command = [*require("g++").command, "-x", "c++", "-", "-llz4", "-lz", "-o", "program"]
        return not subprocess.run(command, input=USES_LZ4.encode(), cwd=folder, capture_output=True).returncode


def waves_file(run: Path, format: Format) -> Path:
    """Where a simulator records, in the folder of its run."""
    return run / f"waves.{format}"


def deliver_waves(run: Path, path: Path) -> None:
    """Write what was recorded to `path`, whole or not at all. Raises `BephwError`."""
    recorded = waves_file(run, waves_format(path))
    # Mapped, not read: it may be larger than the memory.
    with open(recorded, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        write_bytes(path, cast(bytes, content))
