"""Bytes to samples and predictions to bytes, of any width."""

import numpy as np
import pytest
from amaranth.sim import Simulator

from bephw.boards.link.sample_bytes import PredictionBytes, SampleBytes


def simulate(component, *agents):
    simulator = Simulator(component)
    simulator.add_clock(1e-6)
    for agent in agents:
        simulator.add_testbench(agent)
    simulator.run()


async def send(ctx, dut, values):
    for value in values:
        ctx.set(dut.bytes.payload, value)
        ctx.set(dut.bytes.valid, 1)
        await ctx.tick()
        ctx.set(dut.bytes.valid, 0)
        await ctx.tick().repeat(2)


def words(width, stream, idle_after=()):
    """The words that come of bytes; after so many bytes the line is idle."""
    dut, got = SampleBytes(width), []

    async def line(ctx):
        ctx.set(dut.samples.ready, 1)
        for number, value in enumerate(stream):
            if number in idle_after:
                ctx.set(dut.idle, 1)
                await ctx.tick()
                ctx.set(dut.idle, 0)
            ctx.set(dut.bytes.payload, value)
            ctx.set(dut.bytes.valid, 1)
            await ctx.tick()
            ctx.set(dut.bytes.valid, 0)
            for _ in range(2):
                if ctx.get(dut.samples.valid):
                    got.append(ctx.get(dut.samples.payload.data))
                await ctx.tick()

    simulate(dut, line)
    return got


@pytest.mark.parametrize("width", [1, 7, 8, 9, 16, 61, 192])
def test_words_of_any_width(width):
    random = np.random.default_rng(width)
    bits = random.integers(0, 2, (5, width), np.uint8)
    stream = [int(byte) for row in bits for byte in np.packbits(row, bitorder="little")]
    assert words(width, stream) == [sum(int(bit) << place for place, bit in enumerate(row)) for row in bits]


def test_pad_bits_are_ignored():
    assert words(9, [0xFF, 0xFF, 1, 0xFE]) == [0x1FF, 0x001]


def test_after_a_pause_the_next_byte_begins_a_word():
    assert words(16, [1, 2, 3, 4, 5, 6], idle_after=[3]) == [0x0201, 0x0504]


def test_a_word_is_offered_until_it_is_taken():
    dut, seen = SampleBytes(8), []

    async def line(ctx):
        await send(ctx, dut, [7])
        for ready in (0, 0, 1, 0):
            ctx.set(dut.samples.ready, ready)
            seen.append(ctx.get(dut.samples.valid))
            await ctx.tick()

    simulate(dut, line)
    assert seen == [1, 1, 1, 0]


@pytest.mark.parametrize("classes", [2, 10, 256, 257, 1000])
def test_predictions(classes):
    dut, got = PredictionBytes(classes), []
    labels = [0, classes - 1, 1, classes // 2]

    async def predict(ctx):
        for label in labels:
            ctx.set(dut.predictions.payload.label, label)
            ctx.set(dut.predictions.valid, 1)
            await ctx.tick().until(dut.predictions.ready)
        ctx.set(dut.predictions.valid, 0)

    async def line(ctx):
        for number in range(2 * len(labels) * 3):
            ctx.set(dut.bytes.ready, number % 3 == 2)
            _, _, valid, payload = await ctx.tick().sample(dut.bytes.valid, dut.bytes.payload)
            if valid and number % 3 == 2:
                got.append(payload)

    simulate(dut, predict, line)
    size = 1 if classes <= 256 else 2
    assert got == [label >> 8 * place & 0xFF for label in labels for place in range(size)]
