"""The last element of a state space."""

import random

from bephw.rtl_gen.buses.dump_ends import DumpEnds


def test_the_last_element_of_each_space(bench):
    elements, draw = (6, 1, 12, 3), random.Random(1)
    dut = DumpEnds(elements)

    async def script(ctx):
        for _ in range(20):
            space = draw.randrange(len(elements))
            ctx.set(dut.start, 1)
            ctx.set(dut.space, space)
            await ctx.tick()
            ctx.set(dut.start, 0)
            ctx.set(dut.space, draw.getrandbits(16))
            for left in reversed(range(elements[space])):
                for _ in range(draw.randrange(3)):
                    await ctx.tick()
                assert ctx.get(dut.last) == (left == 0)
                ctx.set(dut.dumped, 1)
                await ctx.tick()
                ctx.set(dut.dumped, 0)

    bench(dut).script(script)


def test_a_space_that_does_not_exist_starts_nothing(bench):
    dut = DumpEnds((4, 2))

    async def script(ctx):
        ctx.set(dut.start, 1)
        await ctx.tick()
        ctx.set(dut.space, 2)
        await ctx.tick()
        ctx.set(dut.start, 0)
        shown = []
        for _ in range(4):
            shown.append(ctx.get(dut.last))
            ctx.set(dut.dumped, 1)
            await ctx.tick()
        assert shown == [0, 0, 0, 1]

    bench(dut).script(script)
