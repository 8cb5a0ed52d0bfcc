"""bephw.boards.store.checksum against zlib."""

import random
import zlib

import pytest

from bephw.boards.store.checksum import WordChecksum


@pytest.mark.parametrize("width", [16, 32])
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_it_is_that_of_zlib(bench, width, stall):
    words = [random.Random(width).getrandbits(width) for _ in range(9)]
    dut = WordChecksum(width)
    test = bench(dut)
    source, crcs = test.source(dut.words, words + words, stall, when=lambda: not crcs or len(source.taken) >= 9), []

    async def read_twice(ctx):
        for count in (9, 18):
            ctx.set(dut.start, 1)
            await ctx.tick()
            ctx.set(dut.start, 0)
            while len(source.taken) < count or not ctx.get(dut.idle):
                await ctx.tick()
            crcs.append(ctx.get(dut.crc))

    test.process(read_twice)
    test.run(lambda: len(crcs) == 2)
    data = b"".join(word.to_bytes(width // 8, "little") for word in words)
    assert crcs[0] == zlib.crc32(data)
