"""Register `steps`, followed from outside."""

import pytest

from bephw.rtl_gen.buses.written_steps import WrittenSteps
from bephw.rtl_gen.registers.csr import WRITE_LATENCY


@pytest.mark.parametrize(("value", "steps"), [(0, 1), (1, 1), (4, 4), (5, 5), (6, 5), (13, 5), (2**31, 5)])
def test_what_is_written_is_clipped(bench, value, steps):
    """No sample may begin until the write has its effect, and not longer."""
    dut = WrittenSteps(5)

    async def script(ctx):
        assert ctx.get(dut.steps) == 5
        ctx.set(dut.written, 1)
        ctx.set(dut.value, value)
        await ctx.tick()
        ctx.set(dut.written, 0)
        for _ in range(WRITE_LATENCY - 1):
            assert ctx.get(dut.steps) == steps
            assert ctx.get(dut.hold)
            await ctx.tick()
        assert not ctx.get(dut.hold)
        assert ctx.get(dut.steps) == steps

    bench(dut).script(script)
