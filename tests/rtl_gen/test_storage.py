"""Memories and what synthesis is told about them."""

import pytest

from bephw.rtl_gen.storage import block_memory


@pytest.mark.parametrize("huge", [False, True])
def test_content_and_attributes(bench, huge):
    memory = block_memory(5, 3, [7, 8, 9], huge=huge)
    assert dict(memory.attrs) == {"no_rw_check": 1, **({"ram_style": "huge"} if huge else {})}
    port = memory.read_port()
    b = bench(memory)

    async def script(ctx):
        ctx.set(port.en, 1)
        for address, value in enumerate([7, 8, 9]):
            ctx.set(port.addr, address)
            await ctx.tick()
            assert ctx.get(port.data) == value

    b.script(script)
