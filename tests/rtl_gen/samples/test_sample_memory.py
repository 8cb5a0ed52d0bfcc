"""Records of samples: written and read in order, each reader at its own pace."""

import pytest
from amaranth.lib import data

from bephw.rtl_gen.samples.sample_memory import SampleMemory


@pytest.mark.parametrize(("words", "slots", "readers"), [(1, 1, 1), (3, 4, 2), (4, 3, 3), (5, 8, 2)])
def test_readers_find_every_record(bench, words, slots, readers):
    dut = SampleMemory(6, words, slots, readers)
    b = bench(dut, seed=words)
    records = [[b.random.getrandbits(6) for _ in range(words)] for _ in range(15)]
    written, done = [0], [0] * readers

    async def writer(ctx):
        for record in records:
            while written[0] - min(done) >= slots:
                await ctx.tick()
            order = b.random.sample(range(words), words)
            for position, index in enumerate(order):
                for signal, value in ((dut.write, 1), (dut.index, index), (dut.data, record[index])):
                    ctx.set(signal, value)
                ctx.set(dut.written, position == words - 1)
                await ctx.tick()
                ctx.set(dut.write, 0)
                ctx.set(dut.written, 0)
                if b.random.random() < 0.3:
                    await ctx.tick()
            written[0] += 1

    def reader(number):
        port = getattr(dut, f"reader_{number}")

        async def process(ctx):
            for position, record in enumerate(records):
                while written[0] <= position or b.random.random() < 0.2 * number:
                    await ctx.tick()
                for index in b.random.sample(range(words), words):
                    ctx.set(port.index, index)
                    ctx.set(port.read, 1)
                    await ctx.tick()
                    ctx.set(port.read, 0)
                    assert ctx.get(port.data) == record[index]
                    ctx.set(port.index, b.random.randrange(words))
                    await ctx.tick()
                    assert ctx.get(port.data) == record[index], "data is held where read is low"
                ctx.set(port.done, 1)
                await ctx.tick()
                ctx.set(port.done, 0)
                done[number] += 1

        return process

    b.process(writer)
    for number in range(readers):
        b.process(reader(number))
    b.run(lambda: min(done) == len(records))


def test_a_record_may_be_structured(bench):
    dut = SampleMemory(data.ArrayLayout(3, 2), 2, 2, 1)
    b = bench(dut)

    async def script(ctx):
        ctx.set(dut.write, 1)
        ctx.set(dut.index, 1)
        ctx.set(dut.data, [5, 2])
        await ctx.tick()
        ctx.set(dut.write, 0)
        ctx.set(dut.reader_0.index, 1)
        ctx.set(dut.reader_0.read, 1)
        await ctx.tick()
        assert [ctx.get(dut.reader_0.data[index]) for index in range(2)] == [5, 2]

    b.script(script)
