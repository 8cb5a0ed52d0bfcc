"""A layer's three planes at the ends of batches that do not overlap."""

import pytest

from bephw.rtl_gen.weights.lagging_swap import COPIED, LaggingSwap


@pytest.mark.parametrize("seed", range(4))
def test_planes_move_on(bench, seed):
    """Readers with the swap; writers when the first pass after it has been copied, or when a sweep makes that needless.

    A batch has some passes of some cycles, in none, the first or all of which it is swept.
    """
    dut = LaggingSwap()
    b = bench(dut, seed)
    chance, events, copied = b.random, [], [0]

    def plane(copies, final, next_live):
        """As `LaggingPlane`: copied since the last step of a pass that copies."""
        copied[0] = 0 if next_live else copied[0] or (copies and final)
        return [(dut.copied, copied[0])]

    b.watch([dut.copies, dut.final, dut.next_live], plane)
    b.watch([dut.next_read, dut.next_live], lambda *moved: events.append(moved) if any(moved) else None)

    async def script(ctx):
        for _ in range(12):
            events.clear()
            ctx.set(dut.swap, 1)
            await ctx.tick()
            ctx.set(dut.swap, 0)
            assert events == [(1, 0)]
            sweeps, passes = chance.random() < 0.3, chance.randrange(3)
            for number in range(passes):
                assert ctx.get(dut.copies) == ctx.get(dut.hold) == (number == 0)
                await b.wait(ctx, chance.randrange(4))
                ctx.set(dut.final, 1)
                await ctx.tick()
                ctx.set(dut.final, 0)
                assert not ctx.get(dut.copies)
                held = 0
                while ctx.get(dut.hold):
                    held += 1
                    await ctx.tick()
                assert held == (COPIED + 1 if number == 0 else 0)
            if sweeps or not passes:
                ctx.set(dut.sweeping, 1)
                await b.wait(ctx, 3)
                assert not ctx.get(dut.copies) and not ctx.get(dut.hold)
                ctx.set(dut.sweeping, 0)
                await ctx.tick()
            assert events == [(1, 0), (0, 1)]

    b.script(script)
