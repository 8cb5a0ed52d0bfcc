"""Pure functions on Amaranth values, against integers."""

import random

import pytest
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator

from bephw.rtl_gen.parts.arithmetic import (
    at_least,
    at_least_in_two,
    count_up,
    delay,
    next_index,
    sum_tree,
    xorshift32,
)


def evaluate(function, widths, cases):
    """`function` of unsigned signals of `widths` bits, for every tuple of integers in `cases`."""
    inputs = [Signal(width, name=f"input_{index}") for index, width in enumerate(widths)]
    value = function(*inputs)
    m = Module()
    output = Signal(value.shape())
    m.d.comb += output.eq(value)
    results = []

    async def testbench(ctx):
        for case in cases:
            for signal, number in zip(inputs, case, strict=True):
                ctx.set(signal, number)
            results.append(ctx.get(output))

    simulator = Simulator(m)
    simulator.add_testbench(testbench)
    simulator.run()
    return results


@pytest.mark.parametrize("terms", [1, 2, 3, 5, 7, 8])
def test_sum_tree_does_not_overflow(terms):
    generator = random.Random(terms)
    cases = [tuple([15] * terms), tuple([0] * terms)]
    cases += [tuple(generator.randrange(16) for _ in range(terms)) for _ in range(50)]
    assert evaluate(lambda *inputs: sum_tree(inputs), [4] * terms, cases) == [sum(case) for case in cases]


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("negative", [False, True])
def test_at_least(width, negative):
    numbers = range(1 << width)
    values = [number - (number >> width - 1 << width) * negative for number in numbers]
    for least in range(min(values) - 2, max(values) + 3):
        found = evaluate(
            lambda value, least=least: at_least(value.as_signed() if negative else value, least),
            [width],
            [(number,) for number in numbers],
        )
        assert found == [value >= least for value in values]


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("negative", [False, True])
def test_at_least_in_two(width, negative):
    """As `at_least`, of the cycle before; all constants side by side."""
    values = [number - (1 << width - 1) * negative for number in range(1 << width)]
    constants = range(min(values) - 2, max(values) + 3)
    m, value = Module(), Signal(Shape(width, signed=negative))
    found = Cat(at_least_in_two(m, value, least) for least in constants)

    async def testbench(ctx):
        for number in values:
            ctx.set(value, number)
            await ctx.tick()
            ctx.set(value, -1 if negative else 0)
            assert ctx.get(found) == sum((number >= least) << place for place, least in enumerate(constants))

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(testbench)
    simulator.run()


def test_sum_of_nothing_is_zero():
    assert evaluate(lambda _: sum_tree([]), [1], [(0,), (1,)]) == [0, 0]


def reference_xorshift32(u):
    u ^= (u << 13) & 0xFFFFFFFF
    u ^= u >> 17
    return u ^ ((u << 5) & 0xFFFFFFFF)


def test_xorshift32():
    generator = random.Random(1)
    states = [1, 0xFFFFFFFF, 0x80000000, 2463534242] + [generator.randrange(1, 1 << 32) for _ in range(200)]
    assert evaluate(xorshift32, [32], [(u,) for u in states]) == [reference_xorshift32(u) for u in states]


def test_xorshift32_published_value():
    """Marsaglia's paper, seed 2463534242: the first number is 723471715."""
    assert evaluate(xorshift32, [32], [(2463534242,)]) == [723471715]


@pytest.mark.parametrize("size", [1, 2, 3, 8, 9])
def test_next_index_wraps(size):
    width = (size - 1).bit_length()
    results = evaluate(lambda x: next_index(x, size), [width], [(x,) for x in range(size)])
    assert results == [(x + 1) % size for x in range(size)]


class Delayed(wiring.Component):
    """`delay` as a component."""

    def __init__(self, cycles, *, enabled):
        self._cycles, self._enabled = cycles, enabled
        super().__init__({"source": In(4), "enable": In(1), "result": Out(4)})

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.result.eq(delay(m, self.source, self._cycles, self.enable if self._enabled else None))
        return m


@pytest.mark.parametrize("cycles", [1, 2, 5])
@pytest.mark.parametrize("enabled", [False, True])
def test_delay(bench, cycles, enabled):
    dut = Delayed(cycles, enabled=enabled)
    b = bench(dut, seed=cycles)
    past = [0] * cycles

    def check(source, enable, result):
        assert result == past[-cycles]
        if enable or not enabled:
            past.append(source)
        return [(dut.source, b.random.randrange(16)), (dut.enable, b.random.randrange(2))]

    b.watch([dut.source, dut.enable, dut.result], check)
    b.run(100)


class Counted(wiring.Component):
    """`count_up` as a component."""

    def __init__(self, stride):
        self._stride = stride
        super().__init__({"step": In(1), "restart": In(1), "value": Out(6)})

    def elaborate(self, platform):
        m = Module()
        value = Signal(6, reset_less=True)
        count_up(m, value, self.step, self.restart, self._stride)
        m.d.comb += self.value.eq(value)
        return m


@pytest.mark.parametrize("stride", [1, 3])
def test_count_up(bench, stride):
    """Steps add, and a step with `restart` clears."""
    dut = Counted(stride)
    b = bench(dut, seed=stride)
    expected = [0]

    def check(step, restart, value):
        assert value == expected[0]
        if step:
            expected[0] = 0 if restart else (expected[0] + stride) % 64
        return [(dut.step, b.random.randrange(2)), (dut.restart, b.random.randrange(4) == 0)]

    b.watch([dut.step, dut.restart, dut.value], check)
    b.run(200)
