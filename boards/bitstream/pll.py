"""Divider arithmetic: how a board's PLL makes the trainer's clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from bephw.errors import BephwError

__all__ = ["Ecp5Pll", "GateMatePll", "GowinPll", "Ice40Pll", "ecp5_pll", "gatemate_pll", "gowin_pll", "ice40_pll"]

TOLERANCE = 1e-3


@dataclass(frozen=True)
class Ice40Pll:
    """SB_PLL40 with simple feedback: output = input * (divf + 1) / (divr + 1) / 2^divq."""

    clock_mhz: float
    divr: int
    divf: int
    divq: int
    filter_range: int


@dataclass(frozen=True)
class Ecp5Pll:
    """EHXPLLL with its first output fed back: output = input * feedback / reference; VCO = output * output_divider."""

    clock_mhz: float
    reference: int
    feedback: int
    output_divider: int


@dataclass(frozen=True)
class GowinPll:
    """rPLL: output = input * feedback / reference; VCO = output * output_divider."""

    clock_mhz: float
    reference: int
    feedback: int
    output_divider: int


@dataclass(frozen=True)
class GateMatePll:
    """CC_PLL, whose dividers the tools choose."""

    clock_mhz: float


Plan = TypeVar("Plan", Ice40Pll, Ecp5Pll, GowinPll, GateMatePll)

GOWIN_DIVIDERS = (2, 4, 8, *range(16, 129, 16))


def ice40_pll(crystal_mhz: float, clock_mhz: float) -> Ice40Pll:
    """Dividers for the clock, within 0.1 %. Raises `BephwError`, which names the nearest clock.

    Limits of the data sheet: phase detector 10 to 133 MHz, VCO 533 to 1066 MHz.
    """

    def plans() -> Iterable[Ice40Pll]:
        for divr in range(16):
            detector = crystal_mhz / (divr + 1)
            if not 10 <= detector <= 133:
                continue
            filter_range = 1 + sum(detector >= edge for edge in (17, 26, 44, 66, 101))
            for divf in range(128):
                vco = detector * (divf + 1)
                if 533 <= vco <= 1066:
                    for divq in range(1, 7):
                        yield Ice40Pll(vco / 2**divq, divr, divf, divq, filter_range)

    return _nearest(plans(), crystal_mhz, clock_mhz)


def ecp5_pll(crystal_mhz: float, clock_mhz: float) -> Ecp5Pll:
    """Dividers for the clock, within 0.1 %. Raises `BephwError`, which names the nearest clock.

    Limits of the data sheet: phase detector 3.125 to 400 MHz, VCO 400 to 800 MHz.
    """

    def plans() -> Iterable[Ecp5Pll]:
        for reference in range(1, 129):
            detector = crystal_mhz / reference
            if not 3.125 <= detector <= 400:
                continue
            for feedback in range(1, 81):
                clock = detector * feedback
                # The middle of the VCO's range is the farthest from both of its limits.
                output_divider = max(1, min(128, round(600 / clock)))
                if 400 <= clock * output_divider <= 800:
                    yield Ecp5Pll(clock, reference, feedback, output_divider)

    return _nearest(plans(), crystal_mhz, clock_mhz)


def gowin_pll(crystal_mhz: float, clock_mhz: float) -> GowinPll:
    """Dividers for the clock, within 0.1 %. Raises `BephwError`, which names the nearest clock.

    Limits of the data sheets that GW1N and GW2A have in common: phase detector 3 to 400 MHz, VCO 500 to 1200 MHz.
    """

    def plans() -> Iterable[GowinPll]:
        for reference in range(1, 65):
            detector = crystal_mhz / reference
            if not 3 <= detector <= 400:
                continue
            for feedback in range(1, 65):
                clock = detector * feedback
                fitting = [divider for divider in GOWIN_DIVIDERS if 500 <= clock * divider <= 1200]
                if fitting:
                    yield GowinPll(clock, reference, feedback, fitting[0])

    return _nearest(plans(), crystal_mhz, clock_mhz)


def gatemate_pll(crystal_mhz: float, clock_mhz: float) -> GateMatePll:
    """Whole multiples of the tenth part of the crystal's frequency from 5 to 250 MHz. Raises `BephwError`, which names
    the nearest clock."""
    step = crystal_mhz / 10
    plans = (GateMatePll(round(step * count, 6)) for count in range(1, int(250 / step) + 1) if step * count >= 5)
    return _nearest(plans, crystal_mhz, clock_mhz)


def _nearest(plans: Iterable[Plan], crystal_mhz: float, clock_mhz: float) -> Plan:
    # Of equally near ones min() takes the first: the smallest reference divider, which has the least jitter.
    best = min(plans, key=lambda plan: round(abs(plan.clock_mhz - clock_mhz), 9), default=None)
    if best is None:
        raise BephwError(
            f"board.clock_mhz must be {crystal_mhz:g}, that of the crystal, which is too slow for the PLL, "
            f"not {clock_mhz:g}"
        )
    if abs(best.clock_mhz - clock_mhz) > TOLERANCE * clock_mhz:
        raise BephwError(
            f"board.clock_mhz: the PLL cannot make {clock_mhz:g} MHz from {crystal_mhz:g} MHz within 0.1 %; "
            f"the nearest is {best.clock_mhz:.9g}"
        )
    return best
