"""The chips' own PLLs: from the crystal to the trainer's clock."""

from __future__ import annotations

from amaranth.hdl import *

from bephw.boards.bitstream.pll import Ecp5Pll, GateMatePll, GowinPll, Ice40Pll

__all__ = ["ecp5_cell", "gatemate_cell", "gowin_cell", "ice40_cell"]


def ice40_cell(plan: Ice40Pll, clock, locked, *, pad=None, net=None):
    """Fed by a pin's pad or by a net."""
    kind, feed = ("PAD", {"i_PACKAGEPIN": pad}) if pad is not None else ("CORE", {"i_REFERENCECLK": net})
    return Instance(
        f"SB_PLL40_{kind}",
        p_FEEDBACK_PATH="SIMPLE",
        p_DIVR=Const(plan.divr, 4),
        p_DIVF=Const(plan.divf, 7),
        p_DIVQ=Const(plan.divq, 3),
        p_FILTER_RANGE=Const(plan.filter_range, 3),
        **feed,
        i_RESETB=Const(1),
        i_BYPASS=Const(0),
        o_PLLOUTGLOBAL=clock,
        o_LOCK=locked,
    )


def ecp5_cell(plan: Ecp5Pll, crystal_mhz: float, crystal, clock, locked):
    """Fed by a net, its first output fed back."""
    return Instance(
        "EHXPLLL",
        p_CLKI_DIV=plan.reference,
        p_CLKFB_DIV=plan.feedback,
        p_CLKOP_DIV=plan.output_divider,
        p_CLKOP_ENABLE="ENABLED",
        p_CLKOP_CPHASE=plan.output_divider - 1,
        p_CLKOP_FPHASE=0,
        p_FEEDBK_PATH="CLKOP",
        a_FREQUENCY_PIN_CLKI=f"{crystal_mhz:g}",
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


def gowin_cell(plan: GowinPll, crystal_mhz: float, chip: str, crystal, clock, locked):
    """Fed by a net; `chip` is the family as the platform names it."""
    unused = ("FBDSEL", "IDSEL", "ODSEL", "PSDA", "FDLY", "DUTYDA")
    return Instance(
        "rPLL",
        p_DEVICE=chip,
        p_FCLKIN=f"{crystal_mhz:g}",
        p_IDIV_SEL=plan.reference - 1,
        p_FBDIV_SEL=plan.feedback - 1,
        p_ODIV_SEL=plan.output_divider,
        p_DYN_IDIV_SEL="false",
        p_DYN_FBDIV_SEL="false",
        p_DYN_ODIV_SEL="false",
        p_DYN_DA_EN="false",
        p_DYN_SDIV_SEL=2,
        p_PSDA_SEL="0000",
        p_DUTYDA_SEL="1000",
        p_CLKFB_SEL="internal",
        p_CLKOUT_BYPASS="false",
        p_CLKOUTP_BYPASS="false",
        p_CLKOUTD_BYPASS="false",
        p_CLKOUTD_SRC="CLKOUT",
        p_CLKOUTD3_SRC="CLKOUT",
        i_CLKIN=crystal,
        i_CLKFB=Const(0),
        i_RESET=Const(0),
        i_RESET_P=Const(0),
        **{f"i_{name}": Const(0, 4 if name in ("PSDA", "FDLY", "DUTYDA") else 6) for name in unused},
        o_CLKOUT=clock,
        o_LOCK=locked,
    )


def gatemate_cell(plan: GateMatePll, crystal_mhz: float, crystal, clock, locked):
    """Fed by a net; a global buffer follows."""
    made = Signal(name="made")
    m = Module()
    m.submodules.pll = Instance(
        "CC_PLL",
        p_REF_CLK=f"{crystal_mhz:.6f}",
        p_OUT_CLK=f"{plan.clock_mhz:.6f}",
        p_PERF_MD="ECONOMY",
        p_LOW_JITTER=1,
        p_CI_FILTER_CONST=2,
        p_CP_FILTER_CONST=4,
        i_CLK_REF=crystal,
        i_CLK_FEEDBACK=Const(0),
        i_USR_CLK_REF=Const(0),
        i_USR_LOCKED_STDY_RST=Const(0),
        o_CLK0=made,
        o_USR_PLL_LOCKED=locked,
    )
    m.submodules.buffer = Instance("CC_BUFG", i_I=made, o_O=clock)
    return m
