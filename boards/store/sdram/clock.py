"""The clock of the SDRAM, by a PLL of its own from the trainer's."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib.cdc import ResetSynchronizer

from bephw.boards.bitstream.pll import Ecp5Pll
from bephw.boards.bitstream.pll_cells import ecp5_cell
from bephw.errors import BephwError

__all__ = ["SdramClock", "sdram_pll"]


def sdram_pll(trainer_mhz: float, most_mhz: float) -> Ecp5Pll:
    """Dividers for the fastest clock up to `most_mhz`, from the trainer's. Raises `BephwError` where there is none.

    Limits of the data sheet: phase detector 3.125 to 400 MHz, VCO 400 to 800 MHz.
    """
    plans = []
    for reference in range(1, 129):
        detector = trainer_mhz / reference
        if not 3.125 <= detector <= 400:
            continue
        feedback = min(80, int(most_mhz / detector + 1e-9))
        clock = detector * feedback
        if feedback and 400 <= clock * (divider := min(128, round(600 / clock))) <= 800:
            plans.append(Ecp5Pll(clock, reference, feedback, divider))
    if not plans:
        raise BephwError(
            f"board.sdram.clock_mhz must be a clock that a PLL can make from {trainer_mhz:g} MHz, not {most_mhz:g}"
        )
    return max(plans, key=lambda plan: (round(plan.clock_mhz, 6), -plan.reference))


class SdramClock(Elaboratable):
    """Drives domain `sdram`, which its parent defines; in reset whenever `store` is, and until the PLL has locked."""

    def __init__(self, trainer_mhz: float, plan: Ecp5Pll) -> None:
        self._trainer_mhz = trainer_mhz
        self._plan = plan

    def elaborate(self, platform):
        m = Module()
        clock, locked = Signal(name="sdram_clock", attrs={"keep": 1}), Signal(name="sdram_locked")
        m.submodules.pll = ecp5_cell(self._plan, self._trainer_mhz, ClockSignal("sync"), clock, locked)
        platform.add_clock_constraint(clock, self._plan.clock_mhz * 1e6)
        m.d.comb += ClockSignal("sdram").eq(clock)
        m.submodules.reset = ResetSynchronizer(~locked | ResetSignal("store"), domain="sdram")
        return m
