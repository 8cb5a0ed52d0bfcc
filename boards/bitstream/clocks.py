"""From the board's crystal to the trainer's clock and reset."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import io
from amaranth.lib.cdc import FFSynchronizer

from bephw.boards.bitstream.pll import ecp5_pll, gatemate_pll, gowin_pll, ice40_pll
from bephw.boards.bitstream.pll_cells import ecp5_cell, gatemate_cell, gowin_cell, ice40_cell
from bephw.boards.definition import Board
from bephw.errors import BephwError

__all__ = ["ClockGenerator", "actual_clock_mhz"]

# iCE40 block RAMs read as zeros for some 3 us after configuration; Amaranth's platform waits 15 us, and so do we.
RESET_MICROSECONDS = 15

PLANS = {"ice40": ice40_pll, "ecp5": ecp5_pll, "gowin": gowin_pll, "gatemate": gatemate_pll}


def actual_clock_mhz(board: Board, clock_mhz: float) -> float:
    """The clock that the board will run at when asked for this one. Raises `BephwError` where it cannot."""
    if clock_mhz == board.crystal_mhz:
        return clock_mhz
    if board.pll is None:
        raise BephwError(
            f"board.clock_mhz must be {board.crystal_mhz:g} on {board.name}, whose chip has no PLL, not {clock_mhz:g}"
        )
    return PLANS[board.family](board.crystal_mhz, clock_mhz).clock_mhz


class ClockGenerator(Elaboratable):
    """Drives the clock and reset of domain `sync`, which its parent defines.

    `clock_mhz` is the crystal's own, or made by the PLL. Reset is held until the PLL has locked and
    15 us more have passed, and again whenever the lock is lost, and while `restart` is high.
    """

    def __init__(self, board: Board, clock_mhz: float) -> None:
        self._board = board
        self._clock_mhz = clock_mhz
        self._actual_mhz = actual_clock_mhz(board, clock_mhz)
        self.restart = Signal()

    def elaborate(self, platform):
        m = Module()
        clock, locked = Signal(name="clock", attrs={"keep": 1}), Signal(name="locked")
        crystal = platform.request(self._board.crystal, dir="-")
        if self._clock_mhz == self._board.crystal_mhz:
            m.submodules.buffer = buffer = io.Buffer("i", crystal)
            m.d.comb += [clock.eq(buffer.i), locked.eq(1)]
        elif self._board.pll == "pad":
            m.submodules.pll = self._pll(platform, clock, locked, pad=crystal.io)
        else:
            m.submodules.buffer = buffer = io.Buffer("i", crystal)
            m.submodules.pll = self._pll(platform, clock, locked, net=buffer.i)
        platform.add_clock_constraint(clock, self._actual_mhz * 1e6)

        m.domains += ClockDomain("settling", reset_less=True, local=True)
        m.d.comb += [ClockSignal("settling").eq(clock), ClockSignal("sync").eq(clock)]
        steady, ready = Signal(), Signal()
        wait = Signal(range(int(RESET_MICROSECONDS * self._actual_mhz) + 1), init=0)
        m.submodules.lock = FFSynchronizer(locked, steady, o_domain="settling")
        m.d.settling += ready.eq(0)
        with m.If(~steady):
            m.d.settling += wait.eq(0)
        with m.Elif(wait == int(RESET_MICROSECONDS * self._actual_mhz)):
            m.d.settling += ready.eq(1)
        with m.Else():
            m.d.settling += wait.eq(wait + 1)
        m.d.comb += ResetSignal("sync").eq(~ready | self.restart)
        return m

    def _pll(self, platform, clock, locked, *, pad=None, net=None):
        crystal_mhz = self._board.crystal_mhz
        plan = PLANS[self._board.family](crystal_mhz, self._clock_mhz)
        if self._board.family == "ice40":
            return ice40_cell(plan, clock, locked, pad=pad, net=net)
        if self._board.family == "gowin":
            return gowin_cell(plan, crystal_mhz, platform.family, net, clock, locked)
        if self._board.family == "gatemate":
            return gatemate_cell(plan, crystal_mhz, net, clock, locked)
        return ecp5_cell(plan, crystal_mhz, net, clock, locked)
