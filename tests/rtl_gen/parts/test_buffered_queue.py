"""The queue with a registered output: everything in order, counted, and shown two cycles after it came."""

import pytest

from bephw.rtl_gen.parts.buffered_queue import BufferedQueue


@pytest.mark.parametrize("depth", [2, 4, 9])
@pytest.mark.parametrize(("offer", "take"), [(1.0, 1.0), (0.9, 0.3), (0.3, 0.9), (0.5, 0.5)])
def test_against_a_list(bench, depth, offer, take):
    dut = BufferedQueue(8, depth)
    b = bench(dut, seed=depth)
    held, came, seen = [], [], []

    async def script(ctx):
        for number in range(300):
            assert ctx.get(dut.level) == len(held)
            shown = ctx.get(dut.r_rdy)
            assert shown == any(cycle <= number - 2 for _, cycle in held)
            if shown:
                assert ctx.get(dut.r_data) == held[0][0]
            # As the users do: one place less than there are, for what is shown may be none of those behind it.
            putting = len(held) < depth - 1 and b.random.random() < offer
            taking = b.random.random() < take
            value = b.random.getrandbits(8)
            ctx.set(dut.w_en, putting)
            ctx.set(dut.w_data, value)
            ctx.set(dut.r_en, taking)
            await ctx.tick()
            if taking and shown:
                seen.append(held.pop(0)[0])
            if putting:
                held.append((value, number))
                came.append(value)
        assert seen == came[: len(seen)] and len(seen) > 20

    b.script(script)
