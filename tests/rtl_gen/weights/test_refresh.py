"""The sweep over all rows."""

import pytest

from bephw.rtl_gen.weights.refresh import Refresh
from bephw.shape import LayerShape


@pytest.mark.parametrize(("outputs", "rows"), [(1, 1), (4, 2), (7, 3), (5, 5), (6, 1)])
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_offers_every_row_once(bench, outputs, rows, stall):
    dut = Refresh(LayerShape(0, 4, outputs, rows, 2, 1))
    b = bench(dut, seed=outputs)
    sink = b.sink(dut.rows, stall)
    expected = [{"group": j // rows, "bank": j % rows} for j in range(outputs)]

    async def script(ctx):
        # A whole sweep at power-up; a restart in the middle of one; a whole sweep again.
        await b.wait_for(ctx, dut.done)
        await b.wait(ctx, 5)
        assert [beat["row"] for beat in sink.beats] == expected
        # A restart replaces the row on offer, so that only a reader that never waits may be interrupted.
        for wait in (0, outputs // 2, 60) if stall == 0 else (100,):
            ctx.set(dut.restart, 1)
            await ctx.tick().repeat(1 + wait % 3)
            ctx.set(dut.restart, 0)
            assert not ctx.get(dut.done)
            sink.beats.clear()
            await b.wait(ctx, wait + 1)
        await b.wait_for(ctx, dut.done)
        await b.wait(ctx, 5)
        assert [beat["row"] for beat in sink.beats] == expected
        assert all(beat["present"] and not beat["end"] for beat in sink.beats)

    b.script(script)
