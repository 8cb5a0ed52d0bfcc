"""Products, pipelined or not, against multiplication."""

from itertools import pairwise

import pytest
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.parts.constant_product import product, product_latency, product_stages, signed_digits


@given(st.integers(0, 1 << 40))
def test_signed_digits(constant):
    """They add up, and of two neighbours at least one is zero, so that they are at most half as many as the bits."""
    digits = signed_digits(constant)
    assert sum(sign << exponent for exponent, sign in digits) == constant
    assert all(later - earlier > 1 for (earlier, _), (later, _) in pairwise(digits))
    assert len(digits) <= constant.bit_length() // 2 + 1


class Product(wiring.Component):
    def __init__(self, bits, constant, multiplies):
        self._constant = constant
        self._multiplies = multiplies
        super().__init__({"value": In(bits), "enable": In(1), "product": Out(bits + constant.bit_length())})

    def elaborate(self, platform):
        m = Module()
        m.domains.sync = ClockDomain()
        product = product_stages(m, self.value, self._constant, self.enable, multiplies=self._multiplies)
        m.d.comb += self.product.eq(product)
        return m


@pytest.mark.parametrize("constant", [0, 1, 2, 3, 7, 21, 255, 784, 43691, 65535, 0b1010101010101])
@pytest.mark.parametrize("bits", [1, 5, 16])
@pytest.mark.parametrize("multiplies", [False, True])
def test_product(bench, constant, bits, multiplies):
    """The product of the value `product_latency` enabled cycles ago; one value an enabled cycle."""
    dut = Product(bits, constant, multiplies)
    b = bench(dut, seed=constant)
    values = []

    def check(enable, value, product):
        latency = product_latency(constant)
        if enable:
            values.append(value)
            if latency < len(values):
                assert product == values[-1 - latency] * constant
        new = b.random.choice([0, (1 << bits) - 1, b.random.getrandbits(bits)])
        return [(dut.enable, b.random.random() < 0.7), (dut.value, new)]

    b.watch([dut.enable, dut.value, dut.product], check)
    b.run(150)
    assert len(values) > 50


@given(st.integers(0, 1 << 20), st.integers(0, 255))
@settings(max_examples=30)
def test_product_in_the_same_cycle(constant, value):
    m, found = Module(), []
    operand, result = Signal(8), Signal(8 + constant.bit_length())
    m.d.comb += [operand.eq(value), result.eq(product(operand, constant))]

    async def look(context):
        found.append(context.get(result))

    simulator = Simulator(m)
    simulator.add_testbench(look)
    simulator.run()
    assert found == [value * constant]


@pytest.mark.parametrize(("constant", "latency"), [(0, 0), (64, 0), (3, 1), (255, 1), (21, 2), (85, 2), (341, 3)])
def test_latency(constant, latency):
    """A level of adders for each doubling of the digits."""
    assert product_latency(constant) == latency
