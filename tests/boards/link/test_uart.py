"""bephw.boards.link.uart: bit timing, against the definition of 8N1."""

import pytest
from amaranth.hdl import *
from amaranth.sim import Simulator

from bephw.boards.link.uart import Receiver, Transmitter, clocks_per_bit
from bephw.errors import BephwError

CLOCKS = 8


def frame(byte, stop=1):
    """Line levels of a byte, one a bit."""
    return [0, *(byte >> index & 1 for index in range(8)), stop]


def simulate(component, *processes):
    simulator = Simulator(component)
    simulator.add_clock(1e-6)
    for process in processes:
        simulator.add_testbench(process)
    simulator.run()


def received(levels, bit_clocks=CLOCKS):
    """Bytes that the receiver makes of line levels that last `bit_clocks` each."""
    uart, result = Receiver(CLOCKS), []

    async def line(ctx):
        elapsed = 0
        for index, level in enumerate([*levels, *[1] * 12]):
            ctx.set(uart.line, level)
            while elapsed < (index + 1) * bit_clocks:
                await ctx.tick()
                elapsed += 1
                if ctx.get(uart.bytes.valid):
                    result.append(ctx.get(uart.bytes.payload))

    simulate(uart, line)
    return result


@pytest.mark.parametrize("bit_clocks", [7.75, 8, 8.25])
def test_receives_with_a_clock_that_is_off_by_three_percent(bit_clocks):
    data = [0x00, 0xFF, 0x55, 0xA6]
    assert received([1, 1, *(bit for byte in data for bit in frame(byte))], bit_clocks) == data


def test_drops_frames_without_a_stop_bit():
    assert received([1, *frame(0x12, stop=0), 0, 0, 1, *frame(0x34)]) == [0x34]


def test_a_long_break_is_no_byte():
    assert received([1] + [0] * 60 + [1] + frame(0x81)) == [0x81]


def test_transmits_without_gaps():
    uart, levels, data = Transmitter(CLOCKS), [], [0x00, 0xA5, 0xFF]

    async def source(ctx):
        for byte in data:
            ctx.set(uart.bytes.payload, byte)
            ctx.set(uart.bytes.valid, 1)
            await ctx.tick().until(uart.bytes.ready)
        ctx.set(uart.bytes.valid, 0)

    async def line(ctx):
        await ctx.negedge(uart.line)
        for _ in range(CLOCKS * 32):
            levels.append(ctx.get(uart.line))
            await ctx.tick()

    simulate(uart, source, line)
    expected = [level for byte in data for level in frame(byte)] + [1, 1]
    assert levels == [level for level in expected for _ in range(CLOCKS)]


@pytest.mark.parametrize(("clock", "baud", "clocks"), [(12, 1_000_000, 12), (24, 3_000_000, 8), (25, 115_200, 217)])
def test_clocks_per_bit(clock, baud, clocks):
    assert clocks_per_bit(clock, baud) == clocks


def test_clock_too_slow_for_the_baud_rate():
    with pytest.raises(BephwError, match=r"board\.baud must be at most 3000000 at a clock of 12 MHz, not 4000000"):
        clocks_per_bit(12, 4_000_000)


def test_baud_rate_that_the_clock_cannot_make():
    with pytest.raises(BephwError, match=r"board\.baud must be a whole fraction .* not 2800000; nearest: 3000000"):
        clocks_per_bit(12, 2_800_000)
