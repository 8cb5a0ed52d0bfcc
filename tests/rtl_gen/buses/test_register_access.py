"""Accesses to registers one at a time."""

import random

import pytest

from bephw.rtl_gen.buses.register_access import RegisterAccess
from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY


class Setup:
    def __init__(self, bench, device):
        self.device = device(RegisterAccess)
        self.access = self.device.bridge
        self.bench = bench(self.device)
        self.acts = []
        self.bench.watch([self.device.acted, self.device.value], self._note)

    def _note(self, acted, value):
        if acted:
            self.acts.append(value)

    async def do(self, ctx, write, address, data=0, strobe=15):
        """(cycles until it was done, error, what was read)."""
        for name, value in (("write", write), ("address", address), ("data", data), ("strobe", strobe)):
            ctx.set(getattr(self.access, name), value)
        ctx.set(self.access.request, 1)
        for cycles in range(20):
            _, _, done, error, read = await ctx.tick().sample(
                self.access.done, self.access.error, self.access.read_data
            )
            if done:
                ctx.set(self.access.request, 0)
                return cycles, bool(error), read
        raise AssertionError("never done")


@pytest.mark.parametrize("idle", [0, 1])
def test_accesses_do_what_the_specification_says(bench, device, plain_registers, accesses, idle):
    setup = Setup(bench, device)

    async def script(ctx):
        for write, address, data, strobe in accesses(random.Random(1), 300):
            _, error, read = await setup.do(ctx, write, address, data, strobe)
            if write:
                assert error == plain_registers.write(address, data, strobe), (address, strobe)
            else:
                assert (error, read) == plain_registers.read(address), address
            await setup.bench.wait(ctx, idle)
        await setup.bench.wait(ctx, WRITE_LATENCY)

    setup.bench.script(script)
    assert setup.acts == plain_registers.acts
    assert len(setup.acts) > 10


def test_latencies_are_exact(bench, device):
    setup = Setup(bench, device)

    async def script(ctx):
        assert (await setup.do(ctx, 0, 1))[0] == READ_LATENCY
        assert (await setup.do(ctx, 1, 1, 7))[0] == WRITE_LATENCY
        assert (await setup.do(ctx, 1, 1, 7, 0b0010))[0] == READ_LATENCY + WRITE_LATENCY
        assert (await setup.do(ctx, 1, 1, 7, 0))[0] == 1
        assert (await setup.do(ctx, 1, 99))[0] == 1
        assert (await setup.do(ctx, 0, 99))[0] == READ_LATENCY

    setup.bench.script(script)


def test_what_is_abandoned_is_written_or_not_and_nothing_else_is(bench, device):
    """And the access that follows is done as if nothing had been."""
    setup = Setup(bench, device)

    async def script(ctx):
        access, generator = setup.access, random.Random(2)
        kept = 0x11223344
        for number in range(200):
            ctx.set(access.write, 1)
            ctx.set(access.address, 2)
            ctx.set(access.data, number)
            ctx.set(access.strobe, generator.choice([15, 1]))
            ctx.set(access.request, 1)
            await setup.bench.wait(ctx, generator.randrange(1, 8))
            ctx.set(access.request, 0)
            ctx.set(access.address, generator.randrange(16))  # and this is not what is written to
            ctx.set(access.data, generator.getrandbits(32))
            await ctx.tick()
            _, error, read = await setup.do(ctx, 0, 2)
            assert not error
            assert read in (kept, number, kept & ~0xFF | number)
            kept = read
            assert (await setup.do(ctx, 0, 4))[2] == 5
            assert (await setup.do(ctx, 0, 1))[2] == 2**32 - 3

    setup.bench.script(script)
    assert not setup.acts
