"""What `bephw build` said of several boards, as the table of docs/boards.md.

python benchmarks/board_table.py build/bench/board_*.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["table"]

HEADINGS = ("board", "device", "network", "LUTs", "flip-flops", "block RAMs", "Fmax, MHz", "asked for")


def table(builds: Sequence[dict[str, Any]]) -> str:
    """A line a build, in Markdown."""
    lines = [f"| {' | '.join(HEADINGS)} |", "|---|---|---|---:|---:|---:|---:|---:|"]
    for build in builds:
        network = build["settings"]["network"]
        sizes = "-".join(map(str, [*network["sizes"], network["classes"]]))
        lines.append(
            f"| `{build['board']}` | {build['device']} | {sizes} "
            f"| {build['luts']:,} of {build['luts_available']:,} | {build['ffs']:,} "
            f"| {build['brams']} of {build['brams_available']} | {build['fmax_mhz']:.1f} | {build['clock_mhz']:g} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table([json.loads(Path(name).read_text()) for name in sys.argv[1:]]))
