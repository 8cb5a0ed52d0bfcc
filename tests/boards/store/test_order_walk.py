"""bephw.boards.store.order_walk against the formula."""

from math import gcd

import pytest

from bephw.boards.store.order_walk import OrderWalk

CASES = [  # depth, words of a record, samples, first sample, stride in samples
    (64, 1, 64, 0, 1),
    (64, 1, 63, 62, 62),
    (64, 5, 12, 7, 11),
    (50, 5, 10, 9, 3),
    (50, 50, 1, 0, 0),
    (7, 3, 2, 1, 1),
]


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_it_visits_all_records_once(bench, case, stall):
    depth, words, samples, first, stride = case
    assert gcd(stride, samples) == 1
    dut = OrderWalk(depth)
    test = bench(dut)
    sink = test.sink(dut.addresses, stall)
    for signal, value in ((dut.size, samples * words), (dut.first, first * words), (dut.stride, stride * words)):
        test.set(signal, value)
    runs = []

    async def twice(ctx):
        for _ in range(2):
            ctx.set(dut.start, 1)
            await ctx.tick()
            ctx.set(dut.start, 0)
            while ctx.get(dut.active):
                await ctx.tick()
            runs.append(list(sink.beats))
            sink.beats.clear()

    test.process(twice)
    test.run(lambda: len(runs) == 2)
    assert runs == 2 * [[(first + index * stride) % samples * words for index in range(samples)]]
