"""The SDRAM beside a virtual board's FPGA."""

from __future__ import annotations

from pathlib import Path

from bephw.boards.bitstream.top import clock_and_bit
from bephw.boards.definition import Board
from bephw.boards.store.sdram.clock import sdram_pll
from bephw.boards.store.sdram.timing import SdramTiming, sdram_timing
from bephw.settings import Settings

__all__ = ["board_with_sdram"]

CHIP = Path(__file__).with_name("sdram.v")
BOARD = """
module {top} (input crystal_pin, input receive_pin, output transmit_pin);
  wire clk, we_n, cas_n, ras_n;
  wire [1:0] bank;
  wire [{row_bits}-1:0] address;
  wire [15:0] data;
  {inner} fpga (.crystal_pin(crystal_pin), .receive_pin(receive_pin), .transmit_pin(transmit_pin),
    .sdram_0__clk__io(clk), .sdram_0__we__io(we_n), .sdram_0__cas__io(cas_n), .sdram_0__ras__io(ras_n),
    .sdram_0__ba__io(bank), .sdram_0__a__io(address), .sdram_0__dq__io(data));
  bephw_sdram #(.ROW_BITS({row_bits}), .COLUMN_BITS({column_bits}), .DELAY({delay})) chip (.clk(clk), .we_n(we_n),
    .cas_n(cas_n), .ras_n(ras_n), .bank(bank), .address(address), .data(data));
endmodule
"""


def board_with_sdram(board: Board, settings: Settings, top: str, inner: str) -> str:
    """Verilog of module `top`: the board's FPGA, module `inner`, and a chip that answers when the controller looks."""
    clock_mhz, _ = clock_and_bit(board, settings)
    chip = settings.board.sdram
    timing = sdram_timing(chip, sdram_pll(clock_mhz, chip.clock_mhz).clock_mhz)
    module = BOARD.format(
        top=top, inner=inner, row_bits=chip.row_bits, column_bits=chip.column_bits, delay=_delay(timing)
    )
    return module + CHIP.read_text()


def _delay(timing: SdramTiming) -> int:
    """Cycles of the chip from a read command to its data: what is taken lies behind the edge at which they come."""
    return (timing.capture - 1) // 2 - (timing.capture % 2)
