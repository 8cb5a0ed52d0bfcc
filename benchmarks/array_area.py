"""Area of the XNOR-popcount array: one row of N lanes with its output register, by Yosys, in lookup tables a lane.

    python benchmarks/array_area.py [--lanes 64 256] [--json OUT]

What is counted, pipeline registers and all:
  ecp5     LUT4, and 2 for every CCU2C (a carry cell takes two), as nextpnr-ecp5 packs them, after `synth_ecp5
           -nowidelut` and the pass over carry chains that all builds have (boards/ecp5/carry_chains.py)
  ecp5-generic   the same of the plain Verilog that `bephw emit` writes for every FPGA
  ice40    logic cells after packing by nextpnr-ice40: a LUT4 with its carry and register is one, and so is whatever is
           left alone, cells that only bring a carry into or out of a chain included
  xc7      LUT1 to LUT6 after `synth_xilinx -family xc7`, and 1 for every position of a carry chain whose input is a
           constant (the table there is spent too, though Yosys shows none); CARRY4 apart

`carries` are CCU2C, SB_CARRY or CARRY4.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from amaranth.back import rtlil
from figures import write

from bephw.boards.ecp5.carry_chains import trim_carry_chains
from bephw.rtl_gen.popcount.xnor_popcount import XnorPopcount
from bephw.toolchain import require, run_yosys

SYNTHESIS = {
    "ecp5": "synth_ecp5 -nowidelut",
    "ecp5-generic": "synth_ecp5 -nowidelut",
    "ice40": "synth_ice40",
    "xc7": "synth_xilinx -family xc7 -noiopad -noclkbuf",
}
PACK = {
    "ecp5": ("nextpnr-ecp5", ("--85k", "--package", "CABGA756", "--lpf-allow-unconstrained"), r"TRELLIS_COMB:\s*(\d+)"),
    "ice40": ("nextpnr-ice40", ("--hx8k", "--package", "ct256"), r"ICESTORM_LC:\s*(\d+)"),
}


def measure(family: str, lanes: int) -> dict[str, Any]:
    """One row of the table."""
    component = XnorPopcount(lanes, "ecp5" if family == "ecp5" else None)
    with tempfile.TemporaryDirectory(prefix="bephw-area-") as name:
        folder = Path(name)
        (folder / "top.il").write_text(rtlil.convert(component, name="top", emit_src=False))
        run_yosys(f"read_rtlil top.il\n{SYNTHESIS[family]} -top top\nwrite_json top.json\n", cwd=folder)
        netlist = json.loads((folder / "top.json").read_text())
        if family.startswith("ecp5"):
            trim_carry_chains(netlist)
            (folder / "top.json").write_text(json.dumps(netlist))
        cells = netlist["modules"]["top"]["cells"].values()
        kinds = Counter(cell["type"] for cell in cells)
        if family == "xc7":
            luts = sum(count for kind, count in kinds.items() if "LUT" in kind) + constant_positions(cells)
        else:
            luts = _packed(family.partition("-")[0], folder)
    carries = kinds["CCU2C"] + kinds["SB_CARRY"] + kinds["CARRY4"]
    return {
        "family": family,
        "lanes": lanes,
        "latency": XnorPopcount.latency(lanes),
        "luts": luts,
        "carries": carries,
        "ffs": sum(count for kind, count in kinds.items() if kind.startswith(("TRELLIS_FF", "SB_DFF", "FD", "SRL"))),
        "luts_per_lane": round(luts / lanes, 3),
    }


def _packed(family: str, folder: Path) -> int:
    """Cells after packing, with whatever carry chains need at their ends."""
    tool, options, pattern = PACK[family]
    found = require(tool)
    done = subprocess.run(
        [*found.command, *options, "--json", "top.json", "--pack-only"],
        cwd=folder,
        env=found.full_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return int(re.findall(pattern, done.stdout + done.stderr)[-1])


def constant_positions(cells) -> int:
    """Positions of CARRY4 with a constant in place of a table's output, up to the last one that is used."""
    used = {
        bit
        for cell in cells
        for port, bits in cell["connections"].items()
        if cell["port_directions"][port] == "input"
        for bit in bits
    }
    count = 0
    for cell in cells:
        if cell["type"] == "CARRY4":
            ports = cell["connections"]
            live = [ports["O"][place] in used or ports["CO"][place] in used for place in range(4)]
            last = max((place for place in range(4) if live[place]), default=-1)
            count += sum(isinstance(bit, str) for bit in ports["S"][: last + 1])
    return count


def main() -> None:
    """Synthesise every family and width, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lanes", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--family", choices=list(SYNTHESIS), nargs="+", default=list(SYNTHESIS))
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = []
    print(f"{'family':14} {'N':>5} {'luts':>6} {'carries':>8} {'ffs':>5} {'luts/lane':>10}")
    for family in arguments.family:
        for lanes in arguments.lanes:
            row = measure(family, lanes)
            rows.append(row)
            print(
                f"{family:14} {lanes:5} {row['luts']:6} {row['carries']:8} {row['ffs']:5} {row['luts_per_lane']:10.3f}",
                flush=True,
            )
    if arguments.json:
        write(arguments.json, {"benchmark": "array_area", "rows": rows})


if __name__ == "__main__":
    main()
