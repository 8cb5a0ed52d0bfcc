"""Pipelined division by constants."""

import pytest
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.constant_division import division_latency, division_stages


class Divider(wiring.Component):
    def __init__(self, width, divisor):
        self._divisor = divisor
        super().__init__({"value": In(width), "enable": In(1), "quotient": Out(width), "remainder": Out(width)})

    def elaborate(self, platform):
        m = Module()
        m.domains.sync = ClockDomain()
        quotient, remainder = division_stages(m, self.value, self._divisor, self.enable)
        m.d.comb += [self.quotient.eq(quotient), self.remainder.eq(remainder)]
        return m


@pytest.mark.parametrize("divisor", [1, 2, 3, 4, 5, 7, 12, 14, 17, 28, 30, 51, 56, 64, 100, 255])
@pytest.mark.parametrize("width", [1, 2, 5, 8])
def test_every_value(bench, width, divisor):
    dut = Divider(width, divisor)
    b = bench(dut)
    latency, taken = division_latency(width, divisor), []

    def check(enable, value, quotient, remainder):
        if enable or not latency:
            taken.append(value)
            if len(taken) > latency:
                assert divmod(taken[-1 - latency], divisor) == (quotient, remainder)
        return [(dut.value, (value + enable) % (1 << width)), (dut.enable, b.random.random() < 0.8)]

    b.watch([dut.enable, dut.value, dut.quotient, dut.remainder], check)
    b.run(30 + (2 << width))
    assert len(taken) >= (1 << width) + latency


@pytest.mark.parametrize(
    ("width", "divisor", "latency"), [(10, 28, 6), (10, 14, 7), (10, 16, 0), (16, 5, 14), (4, 100, 0), (8, 51, 3)]
)
def test_latency(width, divisor, latency):
    assert division_latency(width, divisor) == latency
