"""Memories and what synthesis is told about them."""

import random

import pytest

from bephw.rtl_gen.parts.storage import WideMemory, block_memory, block_width, piece_widths


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


@pytest.mark.parametrize(
    ("depth", "width"),
    [(1, 36), (512, 36), (513, 18), (1024, 18), (2048, 9), (2049, 4), (8192, 2), (14280, 1), (16384, 1), (16385, None)],
)
def test_block_width(depth, width):
    assert block_width(depth) == width


@pytest.mark.parametrize(
    ("width", "depth", "widths"),
    [(36, 512, [36]), (112, 500, [36, 36, 36, 4]), (3, 14280, [1, 1, 1]), (20, 20000, [20]), (5, 4000, [4, 1])],
)
def test_piece_widths(width, depth, widths):
    assert piece_widths(width, depth, "ecp5") == widths
    assert piece_widths(width, depth, "ice40") == piece_widths(width, depth, None) == [width]


@pytest.mark.parametrize(("width", "depth"), [(1, 1), (40, 3), (19, 600), (7, 3000)])
@pytest.mark.parametrize("family", [None, "ecp5"])
def test_wide_memory(bench, width, depth, family):
    """Initial words, and words written later, come back whole."""
    words = [random.Random(n).getrandbits(width) for n in range(depth)]
    dut = WideMemory(width, depth, words, family)
    b = bench(dut)

    async def read(ctx, address):
        ctx.set(dut.read_address, address)
        await ctx.tick()
        return ctx.get(dut.read_data)

    async def script(ctx):
        for address in {0, depth // 2, depth - 1}:
            assert await read(ctx, address) == words[address]
            new = b.random.getrandbits(width)
            for signal, value in ((dut.write_address, address), (dut.write_data, new), (dut.write, 1)):
                ctx.set(signal, value)
            await ctx.tick()
            ctx.set(dut.write, 0)
            assert await read(ctx, address) == new

    b.script(script)
