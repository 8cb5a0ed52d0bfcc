"""Where a stage stands when one batch follows another without a pause."""

import pytest
from amaranth.hdl import *
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.samples.batch_front import BatchFront, first_channels, next_channel

CAPACITY = 9


@settings(max_examples=25)
@given(together=st.integers(1, 5), entering=st.integers(1, 4), seed=st.integers(0, 999))
def test_no_sample_passes_with_one_of_another_batch(bench, together, entering, seed):
    """A list of samples on their way, each with its batch."""
    dut = BatchFront(CAPACITY, together, entering)
    b = bench(dut, seed)
    chance, way = b.random, []
    batch = passing = crossed = 0

    async def script(ctx):
        nonlocal batch, passing, crossed
        for _ in range(200):
            most, waits, pending = ctx.get(dut.most), ctx.get(dut.waits), ctx.get(dut.pending)
            old = sum(number == passing for number in way)
            assert pending == (batch != passing)
            assert waits == (pending and not old)
            assert most == (min(old, together) if pending else together)
            count = chance.randint(0, min(most, len(way)))
            entered = chance.randint(0, min(entering, CAPACITY - len(way)))
            begins = bool(entered) and not pending and chance.random() < 0.3
            cross = bool(waits) and chance.random() < 0.5
            for signal, value in (
                (dut.passing, count),
                (dut.passed, bool(count) or chance.random() < 0.5),
                (dut.entered, entered),
                (dut.begins, begins),
                (dut.cross, cross),
            ):
                ctx.set(signal, value)
            assert all(number == passing for number in way[:count])
            del way[:count]
            batch += begins
            way.extend([batch] * entered)
            passing += cross
            crossed += cross
            await ctx.tick()

    b.script(script)
    assert crossed > 3


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
def test_channels_in_turn(channels):
    """As ints: of every head, the first of any number, and who is next after them."""
    for first in range(channels):
        head = C(1 << first, channels)
        for most in range(channels + 1):
            chosen = {(first + place) % channels for place in range(most)}
            bits = sum(1 << channel for channel in chosen)
            assert evaluate(first_channels(head, C(most, range(channels + 1)))) == bits
            assert evaluate(next_channel(head, C(bits, channels))) == 1 << (first + most) % channels


def evaluate(value):
    """A constant expression's value."""
    from amaranth.sim import Simulator

    m, result = Module(), Signal(len(value))
    m.d.comb += result.eq(value)
    found = []
    simulator = Simulator(m)

    async def read(ctx):
        await ctx.delay(1e-9)
        found.append(ctx.get(result))

    simulator.add_testbench(read)
    simulator.run()
    return found[0]
