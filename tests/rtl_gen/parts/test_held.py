"""A value that waits for what it belongs to."""

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.held import held


class Holder(wiring.Component):
    def __init__(self, **when):
        self._when = when
        super().__init__({"value": In(8), "load": In(1), "kept": Out(8)})

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.kept.eq(held(m, self.value, self.load, **self._when))
        return m


@pytest.mark.parametrize(
    ("since", "until", "apart"), [(1, 1, 1), (1, 4, 4), (3, 4, 6), (5, 5, 2), (6, 8, 4), (2, 3, 2)]
)
def test_held(bench, since, until, apart):
    """Loads as close as they may be, or further apart; other values in between."""
    b = bench(dut := Holder(since=since, until=until, apart=apart), seed=until)
    loads, seen = [], []

    def act(value, load, kept):
        seen.append((value, kept))
        if load:
            loads.append(b.cycle)
        again = not load and (not loads or b.cycle + 1 - loads[-1] >= apart)
        again = again or (load and apart == 1)
        return [(dut.load, again and b.random.random() < 0.8), (dut.value, b.random.getrandbits(8))]

    b.watch([dut.value, dut.load, dut.kept], act)
    b.run(120)
    assert len(loads) > 10
    for cycle in loads[:-2]:
        for later in range(since, until + 1):
            assert seen[cycle + later][1] == seen[cycle][0]
