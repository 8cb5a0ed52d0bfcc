"""bephw.boards.bitstream.pll: dividers within the data sheets' limits, and honest refusals."""

import pytest

from bephw.boards.bitstream.pll import ecp5_pll, ice40_pll
from bephw.errors import BephwError


@pytest.mark.parametrize("clock", [9, 15, 16.5, 18, 21, 24, 30, 36, 48, 60, 96])
def test_ice40(clock):
    plan = ice40_pll(12, clock)
    vco = 12 / (plan.divr + 1) * (plan.divf + 1)
    assert vco / 2**plan.divq == pytest.approx(clock) == plan.clock_mhz
    assert 533 <= vco <= 1066
    assert plan.filter_range == 1  # the detector can only run at the crystal's 12 MHz


def test_ice40_as_icepll_has_it():
    plan = ice40_pll(12, 24)
    assert (plan.divr, plan.divf, plan.divq) == (0, 63, 5)


@pytest.mark.parametrize("clock", [10, 30, 40, 50, 60, 62.5, 75, 80, 100, 125, 133.333, 200])
def test_ecp5(clock):
    plan = ecp5_pll(25, clock)
    assert 25 * plan.feedback / plan.reference == pytest.approx(clock, rel=1e-3)
    assert plan.clock_mhz == 25 / plan.reference * plan.feedback
    assert 400 <= plan.clock_mhz * plan.output_divider <= 800
    assert 25 / plan.reference >= 3.125


@pytest.mark.parametrize(
    ("pll", "crystal", "clock", "nearest"),
    [(ice40_pll, 12, 20, "19.875"), (ecp5_pll, 25, 61.3, "60.7142857")],
)
def test_refusal_names_the_nearest(pll, crystal, clock, nearest):
    message = rf"board\.clock_mhz: the PLL cannot make {clock} MHz from {crystal} MHz .* nearest is {nearest}"
    with pytest.raises(BephwError, match=message):
        pll(crystal, clock)
