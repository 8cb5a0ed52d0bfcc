"""Registers on Wishbone, by a master that holds its request, and by one that is pipelined."""

import random

import pytest

from bephw.rtl_gen.buses.wishbone import WishboneRegisters, WishboneSignature


class Setup:
    def __init__(self, bench, device, seed):
        self.device = device(WishboneRegisters, WishboneSignature)
        self.bus = self.device.bus
        self.bench = bench(self.device)
        self.random = random.Random(seed)
        self.acts = []
        self.bench.watch([self.device.acted, self.device.value], self._note)

    def _note(self, acted, value):
        if acted:
            self.acts.append(value)

    def offer(self, ctx, write, address, data, strobe):
        for name, value in (("cyc", 1), ("stb", 1), ("we", write), ("adr", address), ("dat_w", data), ("sel", strobe)):
            ctx.set(getattr(self.bus, name), value)

    def quiet(self, ctx, *, cyc=0):
        ctx.set(self.bus.stb, 0)
        ctx.set(self.bus.cyc, cyc)
        ctx.set(self.bus.adr, self.random.getrandbits(12))
        ctx.set(self.bus.dat_w, self.random.getrandbits(32))

    async def cycle(self, ctx):
        bus = self.bus
        _, _, ack, err, stall, data = await ctx.tick().sample(bus.ack, bus.err, bus.stall, bus.dat_r)
        assert not (ack and err)
        return ack, err, stall, data


def check(plain, access, err, data):
    write, address, wanted, strobe = access
    if write:
        assert bool(err) == plain.write(address, wanted, strobe), access
    else:
        error, value = plain.read(address)
        assert bool(err) == error, access
        assert err or data == value, access


@pytest.mark.parametrize("gap", [0, 0.5])
def test_classic_cycles(bench, device, plain_registers, accesses, gap):
    """Without a gap as block cycles: the next request in the cycle behind an answer."""
    setup = Setup(bench, device, 3)

    async def script(ctx):
        for access in accesses(setup.random, 300):
            while setup.random.random() < gap:
                setup.quiet(ctx, cyc=setup.random.randrange(2))
                ack, err, _, _ = await setup.cycle(ctx)
                assert not ack
                assert not err
            setup.offer(ctx, *access)
            ack = err = 0
            while not (ack or err):
                ack, err, stall, data = await setup.cycle(ctx)
                assert stall == (not (ack or err))
            check(plain_registers, access, err, data)
        setup.quiet(ctx)
        await setup.bench.wait(ctx, 4)

    setup.bench.script(script)
    assert setup.acts == plain_registers.acts
    assert setup.acts


def test_a_pipelined_master(bench, device, plain_registers, accesses):
    """It goes by `stall` alone when it makes requests, and counts answers."""
    setup = Setup(bench, device, 4)
    requests = list(accesses(setup.random, 200))

    async def script(ctx):
        made = answered = 0
        while answered < len(requests):
            if made < len(requests) and setup.random.random() < 0.7:
                setup.offer(ctx, *requests[made])
                offered = True
            else:
                setup.quiet(ctx, cyc=1)
                offered = False
            while True:
                ack, err, stall, data = await setup.cycle(ctx)
                made += offered and not stall
                if ack or err:
                    check(plain_registers, requests[answered], err, data)
                    answered += 1
                if not (offered and stall):
                    break
            assert made == answered
        setup.quiet(ctx)
        await setup.bench.wait(ctx, 4)

    setup.bench.script(script)
    assert setup.acts == plain_registers.acts


def test_a_request_taken_back_has_no_answer(bench, device):
    """Nor has the next one the answer of that."""
    setup = Setup(bench, device, 5)

    async def script(ctx):
        for _ in range(100):
            setup.offer(ctx, 0, 99, 0, 15)
            for _ in range(setup.random.randrange(1, 4)):
                assert not any((await setup.cycle(ctx))[:2])
            setup.quiet(ctx, cyc=setup.random.randrange(2))
            assert not any((await setup.cycle(ctx))[:2])
            setup.offer(ctx, 0, 2, 0, 15)
            ack = 0
            while not ack:
                ack, err, _, data = await setup.cycle(ctx)
                assert not err
            assert data == 0x11223344

    setup.bench.script(script)
