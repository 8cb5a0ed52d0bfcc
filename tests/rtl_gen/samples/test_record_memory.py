"""A memory whose writer and readers name the word that they mean."""

import pytest

from bephw.rtl_gen.samples.record_memory import RecordMemory


@pytest.mark.parametrize(("words", "readers"), [(1, 1), (12, 2), (9, 3)])
def test_readers_find_every_word(bench, words, readers):
    dut = RecordMemory(6, words, readers)
    b = bench(dut, seed=words)
    values = [b.random.getrandbits(6) for _ in range(words)]

    async def script(ctx):
        for index in b.random.sample(range(words), words):
            for signal, value in ((dut.write, 1), (dut.index, index), (dut.data, values[index])):
                ctx.set(signal, value)
            await ctx.tick()
        ctx.set(dut.write, 0)
        ctx.set(dut.data, 0)
        for _ in range(3 * words):
            asked = [b.random.randrange(words) for _ in range(readers)]
            for number, index in enumerate(asked):
                port = getattr(dut, f"reader_{number}")
                ctx.set(port.read, 1)
                ctx.set(port.index, index)
            await ctx.tick()
            for number, index in enumerate(asked):
                port = getattr(dut, f"reader_{number}")
                assert ctx.get(port.data) == values[index]
                ctx.set(port.read, 0)
                ctx.set(port.index, b.random.randrange(words))
            await ctx.tick()
            for number, index in enumerate(asked):
                assert ctx.get(getattr(dut, f"reader_{number}").data) == values[index], "held where read is low"

    b.script(script)
