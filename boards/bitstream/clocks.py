"""From the board's crystal to the trainer's clock and reset."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import io
from amaranth.lib.cdc import FFSynchronizer

from bephw.boards.bitstream.pll import ecp5_pll, ice40_pll
from bephw.boards.definition import Board

__all__ = ["ClockGenerator", "actual_clock_mhz"]

# iCE40 block RAMs read as zeros for some 3 us after configuration; Amaranth's platform waits 15 us, and so do we.
RESET_MICROSECONDS = 15


def actual_clock_mhz(board: Board, clock_mhz: float) -> float:
    """The clock that the board will run at when asked for this one. Raises `BephwError` where it cannot."""
    if clock_mhz == board.crystal_mhz:
        return clock_mhz
    plan = {"ice40": ice40_pll, "ecp5": ecp5_pll}[board.family]
    return plan(board.crystal_mhz, clock_mhz).clock_mhz


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
        elif self._board.family == "ice40":
            m.submodules.pll = self._ice40(crystal, clock, locked)
        else:
            m.submodules.buffer = buffer = io.Buffer("i", crystal)
            m.submodules.pll = self._ecp5(buffer.i, clock, locked)
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

    def _ice40(self, crystal, clock, locked):
        plan = ice40_pll(self._board.crystal_mhz, self._clock_mhz)
        return Instance(
            "SB_PLL40_PAD",
            p_FEEDBACK_PATH="SIMPLE",
            p_DIVR=Const(plan.divr, 4),
            p_DIVF=Const(plan.divf, 7),
            p_DIVQ=Const(plan.divq, 3),
            p_FILTER_RANGE=Const(plan.filter_range, 3),
            i_PACKAGEPIN=crystal.io,
            i_RESETB=Const(1),
            i_BYPASS=Const(0),
            o_PLLOUTGLOBAL=clock,
            o_LOCK=locked,
        )

    def _ecp5(self, crystal, clock, locked):
        plan = ecp5_pll(self._board.crystal_mhz, self._clock_mhz)
        return Instance(
            "EHXPLLL",
            p_CLKI_DIV=plan.reference,
            p_CLKFB_DIV=plan.feedback,
            p_CLKOP_DIV=plan.output_divider,
            p_CLKOP_ENABLE="ENABLED",
            p_CLKOP_CPHASE=plan.output_divider - 1,
            p_CLKOP_FPHASE=0,
            p_FEEDBK_PATH="CLKOP",
            a_FREQUENCY_PIN_CLKI=f"{self._board.crystal_mhz:g}",
            a_FREQUENCY_PIN_CLKOP=f"{plan.clock_mhz:g}",
            # Charge pump and filter as Lattice's own tool sets them for this range.
            a_ICP_CURRENT="12",
            a_LPF_RESISTOR="8",
            a_MFG_ENABLE_FILTEROPAMP="1",
            a_MFG_GMCREF_SEL="2",
            i_CLKI=crystal,
            i_CLKFB=clock,
            i_RST=Const(0),
            i_STDBY=Const(0),
            i_PHASESEL0=Const(0),
            i_PHASESEL1=Const(0),
            i_PHASEDIR=Const(1),
            i_PHASESTEP=Const(1),
            i_PHASELOADREG=Const(1),
            i_PLLWAKESYNC=Const(0),
            i_ENCLKOP=Const(0),
            o_CLKOP=clock,
            o_LOCK=locked,
        )
