"""Outcomes come back as they were kept, also those of their bits that are not stored."""

import pytest

from bephw.rtl_gen.backward.outcome_memory import OutcomeMemory
from bephw.shape import LayerShape


@pytest.mark.parametrize("size", [(1, 1, 1, 1), (2, 3, 3, 1), (8, 7, 3, 4), (9, 11, 4, 9), (7, 13, 5, 4)])
@pytest.mark.parametrize("slots", [1, 3])
@pytest.mark.parametrize("gated", [False, True])
def test_outcomes_come_back(bench, size, slots, gated):
    shape = LayerShape(0, *size, 1)
    dut = OutcomeMemory(shape, slots, gated=gated)
    b = bench(dut, seed=slots)
    count = 12
    records = [
        [
            [
                {
                    "active": b.random.randrange(2),
                    "open": b.random.randrange(2),
                    "magnitude": abs(b.random.randrange(-shape.inputs, shape.inputs + 1, 2)),
                }
                for _ in range(shape.scan)
            ]
            for _ in range(shape.scan_beats)
        ]
        for _ in range(count)
    ]
    written, done = [0], [0]

    async def write(ctx):
        for record in records:
            while written[0] - done[0] == slots:
                await ctx.tick()
            for index, outcomes in enumerate(record):
                ctx.set(dut.write, 1)
                ctx.set(dut.index, index)
                ctx.set(dut.data, outcomes)
                ctx.set(dut.written, index == shape.scan_beats - 1)
                await ctx.tick()
                ctx.set(dut.write, 0)
                ctx.set(dut.written, 0)
                await b.wait(ctx, b.random.randrange(2))
            written[0] += 1

    async def read(ctx):
        reader = dut.reader
        for record in records:
            while written[0] == done[0]:
                await ctx.tick()
            for index, outcomes in enumerate(record):
                ctx.set(reader.index, index)
                ctx.set(reader.read, 1)
                ctx.set(reader.done, index == shape.scan_beats - 1)
                await ctx.tick()
                ctx.set(reader.read, 0)
                ctx.set(reader.done, 0)
                for place, outcome in enumerate(outcomes):
                    shown = reader.data[place]
                    assert ctx.get(shown.active) == outcome["active"]
                    assert ctx.get(shown.magnitude) == outcome["magnitude"]
                    assert ctx.get(shown.open) == (outcome["open"] if gated else 0)
            done[0] += 1

    b.process(write)
    b.process(read)
    b.run(lambda: done[0] == count)
