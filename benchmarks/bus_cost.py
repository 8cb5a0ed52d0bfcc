"""What a bus costs: cells of the trainer with its registers on each bus, by Yosys; nothing is placed.

    python benchmarks/bus_cost.py [SETTINGS] [--families ecp5 ice40] [--json OUT]

Counted is the plain Verilog that `bephw emit --bus` writes. `luts` are on ECP5 LUT4 and 2 for every carry cell, on
iCE40 SB_LUT4 (a carry shares its cell with one of them); `more` is what a bus takes beyond the native ports.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from figures import write

from bephw.rtl_gen.buses.names import BUSES, NATIVE
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings
from bephw.toolchain import run_yosys

SYNTHESIS = {"ecp5": "synth_ecp5 -nowidelut", "ice40": "synth_ice40"}
LUTS = {"LUT4": 1, "CCU2C": 2, "SB_LUT4": 1}
FLIP_FLOPS = ("TRELLIS_FF", "SB_DFF")
NAME = "bephw_trainer"


def cells(settings: Settings, bus: str, family: str) -> Counter[str]:
    """Of every kind."""
    with tempfile.TemporaryDirectory(prefix="bephw-bus-") as name:
        folder = Path(name)
        (folder / "in.v").write_text(emit(settings, name=NAME, bus=bus))
        run_yosys(f"read_verilog in.v\n{SYNTHESIS[family]} -flatten -top {NAME}\nwrite_json out.json\n", cwd=folder)
        netlist = json.loads((folder / "out.json").read_text())
    return Counter(cell["type"] for cell in netlist["modules"][NAME]["cells"].values())


def measure(settings: Settings, family: str) -> Iterator[dict[str, Any]]:
    """A row for each bus, the native ports first."""
    base: dict[str, int] = {}
    for bus in (NATIVE, *(other for other in BUSES if other != NATIVE)):
        found = cells(settings, bus, family)
        counts = {
            "luts": sum(LUTS.get(kind, 0) * count for kind, count in found.items()),
            "flip_flops": sum(count for kind, count in found.items() if kind.startswith(FLIP_FLOPS)),
        }
        base = base or counts
        more = {name: count - base[name] for name, count in counts.items()}
        yield {"family": family, "bus": bus, **counts, "more": more}


def main() -> None:
    """A line for each family and bus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", type=Path, nargs="?", default=Path("examples/quick.toml"))
    parser.add_argument("--families", nargs="+", choices=SYNTHESIS, default=list(SYNTHESIS))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    settings, rows = Settings.from_toml(options.settings), []
    for family in options.families:
        for row in measure(settings, family):
            rows.append(row)
            more = row["more"]
            print(
                f"{family} {row['bus']}: {row['luts']:,} LUTs ({more['luts']:+,}), "
                f"{row['flip_flops']:,} flip-flops ({more['flip_flops']:+,})",
                flush=True,
            )
    if options.json:
        write(options.json, {"benchmark": "bus_cost", "settings": str(options.settings), "rows": rows})


if __name__ == "__main__":
    main()
