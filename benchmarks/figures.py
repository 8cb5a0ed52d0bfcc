"""Where measured figures go: a file each, with the commit that they were measured at.

python benchmarks/figures.py FROM TO       # figures that a command of bephw has written just now
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["commit", "write"]


def commit() -> str:
    """The commit of this tree, with a plus where files have been changed since; empty where there is no git."""
    command = ["git", "describe", "--always", "--exclude", "*", "--abbrev=7", "--dirty=+"]
    try:
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def write(path: Path, figures: dict[str, Any] | list[dict[str, Any]]) -> None:
    """Write what was measured, one set of figures or several, each with its `commit`. A file is there only when it is
    complete."""
    here = {"commit": commit()}
    marked = [row | here for row in figures] if isinstance(figures, list) else figures | here
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(marked, indent=1) + "\n")
    part.replace(path)


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    write(target, json.loads(source.read_text()))
