"""Area, clock and rate of published networks, folded, on the ECP5-85F of the ULX3S (speed grade 6).

    python benchmarks/published.py [--network tfc-64 tfc-16 lfc-512] [--data FOLDER] [--seed N] [--minutes N]
                                    [--json FOLDER]

`tfc` is TFC 1W1A (784-64-64-64-10) from FOLDER/qonnx/tfc_1w1a.onnx, `lfc` LFC 1W1A (784-1024-1024-1024-10) from
FOLDER/networks/lfc.npz, both trained on MNIST; the number is that of cycles a sample. Built without a board, as
benchmarks/inference.py does. FOLDER is `BEPHW_DATA` where it is not given.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from figures import write
from fmax import summary
from inference import at_most

from bephw.boards.bitstream.out_of_context import out_of_context
from bephw.errors import BephwError
from bephw.exchange.input_range import InputRange
from bephw.exchange.qonnx_import import read_qonnx
from bephw.flow.learnt import Learnt
from bephw.rtl_gen.inference.folded import FoldedInference
from bephw.settings import Settings
from bephw.state import NetworkState

# Of each layer and the classifier: groups * words are the cycles a sample, and a word of weights in block RAM is read
# in each of them.
FOLDINGS = {
    "tfc-64": {"rows": [8, 4, 4, 1], "columns": [98, 16, 16, 16], "stream_width": 13},
    "tfc-16": {"rows": [16, 8, 8, 4], "columns": [196, 32, 32, 16], "stream_width": 49},
    "lfc-512": {"rows": [16, 16, 16, 1], "columns": [98, 128, 128, 32], "stream_width": 8},
}


def network(name: str, data: Path) -> Learnt:
    """A published network with its folding."""
    learnt = read_qonnx(data / "qonnx" / "tfc_1w1a.onnx", InputRange(255)) if name.startswith("tfc") else lfc(data)
    changes = {f"hardware.{key}": value for key, value in FOLDINGS[name].items()}
    return replace(learnt, settings=learnt.settings.replace(changes))


def lfc(data: Path) -> Learnt:
    """LFC, from weights as bits and integer thresholds; a pixel is 1 from 128 on."""
    with np.load(data / "networks" / "lfc.npz") as arrays:
        weights = [arrays[f"weights_{layer}"] for layer in range(4)]
        thresholds = tuple(arrays[f"thresholds_{layer}"].astype(np.int32) for layer in range(3))
    sizes = [weights[0].shape[1], *(len(rows) for rows in weights[:3])]
    settings = Settings.build(network={"sizes": sizes, "classes": len(weights[3]), "thresholds": True})
    state = NetworkState(
        counters=tuple(bits.astype(np.int16) - np.int16(1) for bits in weights[:3]),
        prototypes=weights[3].astype(np.uint8),
        generators=np.ones(3, np.uint32),
        accumulators=np.zeros(3, np.uint32),
        thresholds=thresholds,
    )
    return Learnt(settings, state.validate(settings), None)


def measure(name: str, data: Path, *, seed: int, minutes: float) -> dict[str, Any]:
    """One row of the table."""
    learnt, start = network(name, data), time.monotonic()
    settings = learnt.settings
    latency, interval = FoldedInference.latency(settings), FoldedInference.interval(settings)
    row = {
        "network": name,
        "command": f"python benchmarks/published.py --network {name}" + ("" if seed == 1 else f" --seed {seed}"),
        "sizes": [*settings.network.sizes, settings.network.classes],
        "lanes": settings.lanes,
        "latency_cycles": latency,
        "interval_cycles": interval,
    }
    said = ["none"]
    try:
        with at_most(minutes, said):
            found = out_of_context(FoldedInference(settings, learnt.state), "ecp5", seed=seed, on_line=said.append)
    except BephwError as error:
        return {**row, "failed": str(error), "seconds": time.monotonic() - start}
    return {
        **row,
        "luts": found.luts,
        "ffs": found.ffs,
        "brams": found.brams,
        "fmax_mhz": found.fmax_mhz,
        "samples_a_second": 1e6 * found.fmax_mhz / interval,
        "critical_path": summary(found.path) if found.path else None,
        "seconds": time.monotonic() - start,
    }


def line(row: dict[str, Any]) -> str:
    """The row as text."""
    design = f"{'-'.join(map(str, row['sizes']))}, {row['lanes']} lanes, interval {row['interval_cycles']} cycles"
    if "failed" in row:
        return f"{design}: {row['failed']}"
    return (
        f"{design}: {row['luts']} LUTs, {row['ffs']} flip-flops, {row['brams']} block RAMs, {row['fmax_mhz']:.1f} MHz, "
        f"{row['samples_a_second']:.0f} samples a second, latency {row['latency_cycles']} cycles"
    )


def main() -> None:
    """Build and print every network asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=FOLDINGS, nargs="+", default=list(FOLDINGS))
    parser.add_argument("--data", type=Path, default=os.environ.get("BEPHW_DATA"), help="folder of the networks")
    parser.add_argument("--seed", type=int, default=1, help="of place and route")
    parser.add_argument("--minutes", type=float, default=60, help="that synthesis, place and route of one may take")
    parser.add_argument("--json", type=Path, metavar="FOLDER", help="write each design's figures to a file there")
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("--data must be given where BEPHW_DATA is not set")
    for name in arguments.network:
        row = measure(name, arguments.data, seed=arguments.seed, minutes=arguments.minutes)
        print(line(row), flush=True)
        if arguments.json:
            write(
                arguments.json / f"published_{name.replace('-', '_')}.json", {"benchmark": "published", "rows": [row]}
            )


if __name__ == "__main__":
    main()
