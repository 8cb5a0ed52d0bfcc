"""Events at a distance."""

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.spacing import spaced


class Spaced(wiring.Component):
    """`event` where it is wished for and may be."""

    def __init__(self, cycles):
        self._cycles = cycles
        super().__init__({"wish": In(1), "event": Out(1), "count": Out(8)})

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.event.eq(spaced(m, self.event, self._cycles) & self.wish)
        m.d.sync += self.count.eq(self.count + self.event)
        return m


@pytest.mark.parametrize("cycles", [1, 2, 3, 8])
def test_spacing(bench, cycles):
    """Events that come as soon as they may are `cycles` apart; later ones may come as late as they like."""
    dut = Spaced(cycles)
    b = bench(dut)
    events = []

    def step(event):
        events.extend([b.cycle] * event)
        return [(dut.wish, 1 if b.cycle < 100 else b.random.random() < 0.3)]

    b.watch([dut.event], step)
    b.run(300)
    gaps = np.diff(events)
    assert set(gaps[: 90 // cycles]) == {cycles}
    assert min(gaps) == cycles < max(gaps)
