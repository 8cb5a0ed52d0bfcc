"""bephw.boards.link.receive_buffer: a queue that loses what finds it full, and its latency."""

import random

import pytest
from amaranth.sim import Simulator

from bephw.boards.link.receive_buffer import ReceiveBuffer

DEPTH = 8


def simulate(dut, testbench):
    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(testbench)
    simulator.run()


@pytest.mark.parametrize("taking", [1.0, 0.5, 0.1])
def test_bytes_come_out_in_order(taking):
    dut, rng = ReceiveBuffer(DEPTH), random.Random(1)
    inside, taken = [], 0

    async def run(ctx):
        nonlocal taken
        for _ in range(1000):
            # A host that keeps the protocol's rule never has more than `depth` bytes waiting.
            sent = rng.randrange(256) if len(inside) < DEPTH and rng.random() < 0.5 else None
            ctx.set(dut.received.valid, sent is not None)
            ctx.set(dut.received.payload, sent or 0)
            ctx.set(dut.bytes.ready, rng.random() < taking)
            _, _, valid, ready, byte = await ctx.tick().sample(dut.bytes.valid, dut.bytes.ready, dut.bytes.payload)
            if valid and ready:
                assert byte == inside.pop(0)
                taken += 1
            if sent is not None:
                inside.append(sent)

    simulate(dut, run)
    assert taken > 50


def test_what_finds_it_full_is_lost():
    dut, out = ReceiveBuffer(DEPTH), []

    async def run(ctx):
        ctx.set(dut.received.valid, 1)
        for byte in range(20):
            ctx.set(dut.received.payload, byte)
            await ctx.tick()
        ctx.set(dut.received.valid, 0)
        ctx.set(dut.bytes.ready, 1)
        for _ in range(60):
            _, _, valid, byte = await ctx.tick().sample(dut.bytes.valid, dut.bytes.payload)
            out.extend([byte] * valid)

    simulate(dut, run)
    assert out == list(range(DEPTH + 1))  # one waits in the register


def test_latency():
    dut = ReceiveBuffer(DEPTH)

    async def cycles_until_valid(ctx):
        cycles = 1
        while not ctx.get(dut.bytes.valid):
            await ctx.tick()
            cycles += 1
        return cycles

    async def run(ctx):
        ctx.set(dut.received.valid, 1)
        await ctx.tick().repeat(2)
        ctx.set(dut.received.valid, 0)
        assert await cycles_until_valid(ctx) + 1 == 3
        ctx.set(dut.bytes.ready, 1)
        await ctx.tick()
        ctx.set(dut.bytes.ready, 0)
        assert await cycles_until_valid(ctx) - 1 == 2

    simulate(dut, run)
