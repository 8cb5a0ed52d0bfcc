"""Throughput and latency of the link, on a virtual board: the whole design, its serial line included, under Verilator.

    python benchmarks/link.py examples/digits.toml [--baud 1000000 3000000] [--samples 2000] [--folder build/link]

Seconds are the board's: cycles over its clock; a USB bridge's latency is not in them. Samples are those of the data
set, and what the board has learnt must equal the golden model's bits. The compiled board stays in the folder.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from bephw.boards import board as board_named
from bephw.boards.bitstream.top import clock_and_bit
from bephw.data import load
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.host.board import Board
from bephw.host.connection import Connection
from bephw.host.session import Session
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.virtual.board import VirtualBoard
from bephw.virtual.build import compile_board
from bephw.virtual.verilog import board_verilog


class Counting:
    """A port that counts bytes."""

    def __init__(self, port: VirtualBoard) -> None:
        self._port = port
        self.sent = self.received = 0

    def read(self) -> bytes:
        came = self._port.read()
        self.received += len(came)
        return came

    def write(self, data: bytes, /) -> None:
        self.sent += len(data)
        self._port.write(data)

    def close(self) -> None:
        self._port.close()


def compiled(settings: Settings, folder: Path) -> Path:
    """The program, from the folder if it is there."""
    target = folder / hashlib.sha256(settings.to_json().encode()).hexdigest()[:16]
    if not (target / "complete").exists():
        verilog = board_verilog(board_named(settings.board.name), settings, lambda: Trainer(settings))
        target.mkdir(parents=True, exist_ok=True)
        compile_board(verilog, target)
        (target / "complete").touch()
    return target / "bephw"


def measure(settings: Settings, folder: Path, count: int) -> dict[str, Any]:
    """Rates and latencies with the baud rate of the settings."""
    dataset = load(settings.data, classes=settings.network.classes)
    x, y = dataset.x_train[:count], dataset.y_train[:count]
    start = initial_state(settings)
    golden = GoldenModel(settings, start)
    clock_mhz, bit = clock_and_bit(board_named(settings.board.name), settings)
    baud = clock_mhz * 1e6 / bit
    began = time.monotonic()
    with VirtualBoard(compiled(settings, folder), clock_mhz, baud) as virtual:
        building, began = time.monotonic() - began, time.monotonic()
        port = Counting(virtual)
        connection = Connection(port, Session(), virtual.clock)
        opening = virtual.clock()
        board = Board(connection, settings)
        board.until_idle()

        def timed(work: Any) -> tuple[float, Any]:
            before = virtual.clock()
            found = work()
            return virtual.clock() - before, found

        reading = [timed(lambda: board.read("batch"))[0] for _ in range(20)]
        many, _ = timed(lambda: board.read(*["batch"] * 200))
        loading, _ = timed(lambda: board.load_state(start))
        sent, received = port.sent, port.received
        streaming, found = timed(lambda: board.stream(x, y))
        sent, received = port.sent - sent, port.received - received
        expected = golden.train(x, y)
        golden.end_batch()
        board.end_batch()
        saving, state = timed(board.read_state)
        assert found.label.tolist() == expected.prediction.tolist()
        arrays = golden.state.to_arrays()
        assert all((array == arrays[name]).all() for name, array in state.to_arrays().items())
        wall = time.monotonic() - began
        return {
            "board": settings.board.name,
            "clock_mhz": clock_mhz,
            "baud": round(baud),
            "window": connection.identity["window"],
            "samples": len(x),
            "samples_a_second": round(len(x) / streaming),
            "bytes_a_sample_to_the_board": round(sent / len(x), 2),
            "bytes_a_sample_from_the_board": round(received / len(x), 2),
            "share_of_the_line_to_the_board": round(sent * 10 / baud / streaming, 3),
            "connecting_ms": round(1e3 * opening, 3),
            "register_read_ms": round(1e3 * float(np.median(reading)), 3),
            "register_reads_a_second_pipelined": round(200 / many),
            "state_load_s": round(loading, 3),
            "state_read_s": round(saving, 3),
            "sent_again": connection.session.resent + connection.session.repeated,
            "cycles_a_second_simulated": round(virtual.cycles / wall),
            "seconds_of_building": round(building, 1),
            "equal_to_the_golden_model": True,
        }


def main() -> None:
    """Measure every rate, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", type=Path)
    parser.add_argument("--baud", type=int, nargs="+", default=[1_000_000, 3_000_000])
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--folder", type=Path, default=Path("build/link"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = []
    for baud in options.baud:
        settings = Settings.from_toml(options.settings).replace({"board.baud": baud})
        found.append(measure(settings, options.folder, options.samples))
        print(json.dumps(found[-1], indent=2), flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
