"""bephw.boards.store.sdram.clock and timing: cycles and clocks, never faster than asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.boards.store.sdram.clock import sdram_pll
from bephw.boards.store.sdram.timing import sdram_timing
from bephw.errors import BephwError
from bephw.settings import Sdram


@given(trainer=st.floats(12, 150), most=st.floats(50, 170))
def test_the_pll_keeps_its_limits(trainer, most):
    plan = sdram_pll(trainer, most)
    assert 0.9 * most <= plan.clock_mhz <= most * (1 + 1e-9)
    assert plan.clock_mhz == pytest.approx(trainer * plan.feedback / plan.reference)
    assert trainer / plan.reference >= 3.125 and 400 <= plan.clock_mhz * plan.output_divider <= 800


def test_no_clock():
    with pytest.raises(BephwError, match=r"board.sdram.clock_mhz must be .* from 3 MHz, not 133"):
        sdram_pll(3, 133)


@given(
    clock=st.floats(25, 166),
    nanoseconds=st.tuples(*[st.floats(1, 200)] * 6),
    refresh_us=st.floats(2, 16),
)
def test_cycles_are_long_enough(clock, nanoseconds, refresh_us):
    names = ("rcd", "rp", "ras", "rc", "rfc", "wr")
    chip = Sdram(refresh_us=refresh_us, **{f"t_{name}": time for name, time in zip(names, nanoseconds, strict=True)})
    timing = sdram_timing(chip, clock)
    for name, time in zip(names, nanoseconds, strict=True):
        cycles = getattr(timing, name)
        assert cycles / clock * 1000 >= time - 1e-4
        assert cycles == 1 or (cycles - 1) / clock * 1000 < time
    assert timing.refresh / clock <= refresh_us < (timing.refresh + 1) / clock
    assert timing.power_up / clock >= 200 - 1e-6


def test_capture_may_be_set():
    assert sdram_timing(Sdram(capture=9), 133).capture == 9
    assert sdram_timing(Sdram(), 133.33).capture == 8  # four cycles
