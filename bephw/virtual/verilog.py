"""A board's whole design as Verilog for a simulator: what goes to synthesis, with models of the FPGA's own cells."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from amaranth.hdl import Elaboratable

from bephw.boards.bitstream.flow import prepare
from bephw.boards.bitstream.stages import NAME
from bephw.boards.definition import Board
from bephw.boards.store.plan import plan_store
from bephw.files import errors_named
from bephw.settings import Settings
from bephw.toolchain import run_yosys
from bephw.virtual.sdram import board_with_sdram

__all__ = ["TOP", "board_verilog"]

TOP = NAME
FPGA = f"{NAME}_fpga"
CELLS = Path(__file__).with_name("cells.v")

# As in bephw/rtl_gen/conversion.py; the ports that a host and a clock are connected to get names that all boards share.
SCRIPT = """read_rtlil in.il
cd {top}
rename {crystal}__io crystal_pin
rename {uart}__rx__io receive_pin
rename {uart}__tx__io transmit_pin
cd ..
proc
pmuxtree
memory_collect
delete */s:0
{rename}
write_verilog -norename out.v
"""


def board_verilog(board: Board, settings: Settings, make_trainer: Callable[[], Elaboratable]) -> str:
    """Module `TOP`, with ports `crystal_pin`, `receive_pin`, `transmit_pin`, and the lights under Amaranth's names. A
    board whose store is an SDRAM has that chip, and no lights.

    A cycle of `crystal_pin` is one of the trainer's clock.

    Raises `BephwError` as `prepare`.
    """
    files = prepare(board, settings, make_trainer)
    with tempfile.TemporaryDirectory(prefix="bephw-") as folder, errors_named(folder):
        source, target = Path(folder) / "in.il", Path(folder) / "out.v"
        source.write_text(files[f"{NAME}.il"])
        store = plan_store(board, settings)
        outside = store is not None and store.kind == "sdram"
        rename = f"rename {TOP} {FPGA}" if outside else ""
        names = {"crystal": f"{board.crystal}_0", "uart": f"uart_{board.uart}", "rename": rename}
        run_yosys(SCRIPT.format(top=TOP, **names), cwd=folder)
        chip = board_with_sdram(board, settings, TOP, FPGA) if outside else ""
        return target.read_text() + CELLS.read_text() + chip
