"""Time from settings to Verilog for a large network: processor seconds of Python and of Yosys.

    python benchmarks/generation.py [--sizes 784 1024 1024] [--rows 16] [--columns 56] [--json OUT]
    python benchmarks/generation.py examples/fashion_samples.toml [--set hardware.samples=4] [--json OUT]

Memories are empty. A file's own data are not read.
"""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path

from figures import write

from bephw.cli.options import read_settings
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings


def folded(sizes: list[int], rows: int, columns: int) -> Settings:
    """A network of ten classes by its sizes."""
    return Settings.build(
        network={"sizes": sizes, "classes": 10}, learning={"gamma": 64 if len(sizes) > 1 else 1}
    ).with_folding(rows, columns)


def processor_seconds() -> float:
    """Of this process, and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> None:
    """Time one emission."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", type=Path, nargs="?")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="changes")
    parser.add_argument("--sizes", type=int, nargs="+", default=[784, 1024, 1024])
    parser.add_argument("--rows", type=int, default=16)
    parser.add_argument("--columns", type=int, default=56)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file")
    options = parser.parse_args()
    command = ["python", "benchmarks/generation.py"]
    if options.settings:
        settings = read_settings(options.settings, tuple(options.changes))
        command += [str(options.settings), *(word for change in options.changes for word in ("--set", change))]
    else:
        settings = folded(options.sizes, options.rows, options.columns)
    start = processor_seconds()
    text = emit(settings)
    seconds = processor_seconds() - start
    name = "-".join(map(str, [*settings.network.sizes, settings.network.classes]))
    print(f"{name}, {settings.lanes} lanes: {len(text.splitlines()):,} lines of Verilog in {seconds:.1f} s")
    if options.json:
        figures = {"network": name, "lanes": settings.lanes, "seconds": seconds, "command": shlex.join(command)}
        write(options.json, figures)


if __name__ == "__main__":
    main()
