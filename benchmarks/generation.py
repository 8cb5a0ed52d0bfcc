"""Time from settings to Verilog for a large network.

python benchmarks/generation.py [--sizes 784 1024 1024] [--rows 16] [--columns 56] [--json OUT]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings


def main() -> None:
    """Time one emission."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[784, 1024, 1024])
    parser.add_argument("--rows", type=int, default=16)
    parser.add_argument("--columns", type=int, default=56)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file")
    options = parser.parse_args()
    settings = Settings.build(
        network={"sizes": options.sizes, "classes": 10}, learning={"gamma": 64 if len(options.sizes) > 1 else 1}
    ).with_folding(options.rows, options.columns)
    start = time.perf_counter()
    text = emit(settings)
    seconds = time.perf_counter() - start
    name = "-".join(map(str, [*options.sizes, 10]))
    print(f"{name}, {settings.lanes} lanes: {len(text.splitlines()):,} lines of Verilog in {seconds:.1f} s")
    if options.json:
        options.json.write_text(json.dumps({"network": name, "lanes": settings.lanes, "seconds": seconds}) + "\n")


if __name__ == "__main__":
    main()
