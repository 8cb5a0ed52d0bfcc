"""bephw.boards.bitstream.pll: dividers within the data sheets' limits, and honest refusals."""

import pytest

from bephw.boards.bitstream.pll import GOWIN_DIVIDERS, ecp5_pll, gatemate_pll, gowin_pll, ice40_pll
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


@pytest.mark.parametrize("clock", [13.5, 18, 27, 36, 54, 60, 81, 108])
def test_gowin(clock):
    plan = gowin_pll(27, clock)
    assert plan.clock_mhz == 27 / plan.reference * plan.feedback == pytest.approx(clock)
    assert 500 <= plan.clock_mhz * plan.output_divider <= 1200
    assert plan.output_divider in GOWIN_DIVIDERS
    assert 27 / plan.reference >= 3 and max(plan.reference, plan.feedback) <= 64


@pytest.mark.parametrize("clock", [5, 24, 25, 33, 100])
def test_gatemate(clock):
    assert gatemate_pll(10, clock).clock_mhz == clock


@pytest.mark.parametrize("crystal", [3.125, 8, 12, 16, 25, 27, 30, 48, 50, 100])
@pytest.mark.parametrize("pll", [ice40_pll, ecp5_pll, gowin_pll, gatemate_pll])
def test_crystals_that_boards_have(pll, crystal):
    """Some clock between 20 and 40 MHz can be made, or none at all, and then it says so."""
    made = set()
    for clock in range(20, 41):
        try:
            made.add(pll(crystal, clock).clock_mhz)
        except BephwError as error:
            assert str(error).startswith("board.clock_mhz")
    assert made or (pll is ice40_pll and crystal < 10)


def test_a_crystal_that_is_too_slow():
    message = r"board\.clock_mhz must be 3\.3, that of the crystal, which is too slow for the PLL, not 36"
    with pytest.raises(BephwError, match=message):
        ice40_pll(3.3, 36)


@pytest.mark.parametrize(
    ("pll", "crystal", "clock", "nearest"),
    [
        (ice40_pll, 12, 20, "19.875"),
        (ecp5_pll, 25, 61.3, "60.7142857"),
        (gowin_pll, 27, 31, "30.8571429"),
        (gatemate_pll, 10, 25.5, "2[56]"),
    ],
)
def test_refusal_names_the_nearest(pll, crystal, clock, nearest):
    message = rf"board\.clock_mhz: the PLL cannot make {clock} MHz from {crystal} MHz .* nearest is {nearest}"
    with pytest.raises(BephwError, match=message):
        pll(crystal, clock)
