"""Frozen and live visible weights."""

import pytest

from bephw.rtl_gen.compact.plane import VisiblePlane, plane_depth
from bephw.shape import LayerShape


@pytest.mark.parametrize(("outputs", "rows", "words"), [(4, 2, 2), (5, 3, 3), (1, 1, 1), (3, 1, 2)])
@pytest.mark.parametrize("banked", [False, True])
def test_readers_see_the_frozen_plane(bench, outputs, rows, words, banked):
    shape = LayerShape(0, words * 4, outputs, rows, 4, 1)
    dut = VisiblePlane(shape, banked=banked)
    b = bench(dut, seed=outputs)
    size = shape.groups * shape.words
    assert plane_depth(shape) == 2 * size
    frozen = [[0] * rows for _ in range(size)]
    live = [[0] * rows for _ in range(size)]

    async def write(ctx):
        for _ in range(size * rows):
            address, bank, value = b.random.randrange(size), b.random.randrange(rows), b.random.getrandbits(4)
            live[address][bank] = value
            ctx.set(dut.write, 1)
            ctx.set(dut.write_address, address)
            ctx.set(dut.write_bank, bank)
            ctx.set(dut.write_data, value)
            await ctx.tick()
        ctx.set(dut.write, 0)

    async def read_all(ctx):
        base = ctx.get(dut.frozen_base)
        for address in range(size):
            ctx.set(dut.forward.address, base + address)
            ctx.set(dut.forward.enable, 1)
            await ctx.tick()
            ctx.set(dut.forward.enable, 0)
            ctx.set(dut.forward.address, base + b.random.randrange(size))
            assert [ctx.get(dut.forward.data[bank]) for bank in range(rows)] == frozen[address]
            await ctx.tick()
            assert [ctx.get(dut.forward.data[bank]) for bank in range(rows)] == frozen[address]
        if banked:
            for _ in range(2 * size):
                addresses = [b.random.randrange(size) for _ in range(rows)]
                ctx.set(dut.backward.address, [base + address for address in addresses])
                ctx.set(dut.backward.enable, 1)
                await ctx.tick()
                ctx.set(dut.backward.enable, 0)
                for bank, address in enumerate(addresses):
                    assert ctx.get(dut.backward.data[bank]) == frozen[address][bank]

    async def script(ctx):
        nonlocal live, frozen
        for _ in range(5):
            await write(ctx)
            await read_all(ctx)
            before = ctx.get(dut.frozen_base)
            ctx.set(dut.swap, 1)
            await ctx.tick()
            ctx.set(dut.swap, 0)
            live, frozen = frozen, live
            assert {before, ctx.get(dut.frozen_base)} == {0, size}
            await read_all(ctx)

    b.script(script)
