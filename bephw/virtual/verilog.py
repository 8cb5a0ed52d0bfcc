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
from bephw.errors import check
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
rename {crystal} crystal_pin
rename {uart}__rx__io receive_pin
rename {uart}__tx__io transmit_pin
cd ..
{bypass}proc
pmuxtree
memory_collect
delete */s:0
{rename}
write_verilog -norename out.v
"""

# The two halves of the UART become ports: what goes into them comes out, and the other way round.
BYPASS = """blackbox {top}.bridge.receiver {top}.bridge.transmitter
flatten
cd {top}
expose -evert -sep . c:bridge.receiver c:bridge.transmitter
rename bridge.receiver.bytes__valid receive_valid
rename bridge.receiver.bytes__payload receive_payload
rename bridge.transmitter.bytes__valid transmit_valid
rename bridge.transmitter.bytes__payload transmit_payload
rename bridge.transmitter.bytes__ready transmit_ready
cd ..
"""


def board_verilog(
    board: Board, settings: Settings, make_trainer: Callable[[], Elaboratable], *, fast: bool = False
) -> str:
    """Module `TOP`, with ports `crystal_pin`, `receive_pin`, `transmit_pin`, and the lights under Amaranth's names. A
    board whose store is an SDRAM has that chip, and no lights.

    A cycle of `crystal_pin` is one of the trainer's clock. If it is to be `fast`, the UART is left out: `receive_valid`
    and `receive_payload` are inputs then, a byte of the line in a cycle, which has to stay for 6; `transmit_valid` and
    `transmit_payload` with the input `transmit_ready` are a stream of bytes.

    Raises `BephwError` as `prepare`, and for a `fast` board with an SDRAM.
    """
    store = plan_store(board, settings)
    outside = store is not None and store.kind == "sdram"
    check(not (fast and outside), "board.store must not be sdram on a virtual board without its UART (--fast)")
    files = prepare(board, settings, make_trainer)
    with tempfile.TemporaryDirectory(prefix="bephw-") as folder, errors_named(folder):
        source, target = Path(folder) / "in.il", Path(folder) / "out.v"
        source.write_text(files[f"{NAME}.il"])
        crystal = f"{board.crystal}_0__io"
        if crystal not in files[f"{NAME}.il"]:
            crystal = f"{board.crystal}_0__p"  # a differential one: the other pin says the same
        names = {"crystal": crystal, "uart": f"uart_{board.uart}", "bypass": BYPASS.format(top=TOP) if fast else ""}
        rename = f"rename {TOP} {FPGA}" if outside else ""
        run_yosys(SCRIPT.format(top=TOP, rename=rename, **names), cwd=folder)
        chip = board_with_sdram(board, settings, TOP, FPGA) if outside else ""
        return target.read_text() + CELLS.read_text() + chip
