"""Bounded proofs: no traffic of so many cycles makes the controller break a rule; by the solver in Yosys (`sat`)."""

import dataclasses

import pytest
from amaranth.back import rtlil
from amaranth.hdl import Value

from bephw.boards.store.sdram.timing import SdramTiming
from bephw.errors import BephwError
from bephw.toolchain import run_yosys
from tests.boards.store.sdram.rules import Ruled

TIMING = SdramTiming(
    row_bits=11, column_bits=2, cas=2, rcd=2, rp=2, ras=4, rc=7, rfc=2, wr=3, refresh=16, power_up=1, capture=5
)
SCRIPT = """read_rtlil in.il
hierarchy -top top
proc
flatten
chformal -lower
async2sync
opt -full
sat -verify -prove-asserts -seq {cycles} top
"""


def prove(tmp_path, timing, rules, cycles, run=2):
    """Raises `BephwError` where there is a counterexample."""
    ruled = Ruled(timing, rules, run)
    ports = [Value.cast(signal) for signal in ruled.free]
    (tmp_path / "in.il").write_text(rtlil.convert(ruled, name="top", ports=ports, platform=None))
    run_yosys(SCRIPT.format(cycles=cycles), cwd=tmp_path)


@pytest.mark.slow
def test_no_traffic_breaks_a_rule(tmp_path):
    """Power-up, which takes half of it, then a run with its refreshes, each word of it at any time."""
    prove(tmp_path, TIMING, TIMING, cycles=40)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rcd", "rp", "ras", "rc", "rfc", "wr"])
def test_a_controller_that_is_too_fast_is_found(tmp_path, name):
    """The proof can fail: with each of the times longer by a cycle than the controller knows."""
    rules = dataclasses.replace(TIMING, **{name: getattr(TIMING, name) + 1})
    with pytest.raises(BephwError, match="proof did fail"):
        prove(tmp_path, TIMING, rules, cycles=40)
