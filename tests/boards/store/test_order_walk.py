"""bephw.boards.store.order_walk against the formula."""

import itertools
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
    place = {"size": samples, "first": first, "stride": stride, "end": first}
    for name, value in place.items():
        test.set(getattr(dut, name), value * words)
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


@pytest.mark.parametrize("cuts", [[1], [5], [3, 4, 11]], ids=str)
def test_an_epoch_in_pieces(bench, cuts):
    words, samples, start, stride = 5, 12, 7, 11
    order = [(start + index * stride) % samples * words for index in range(samples)]
    dut = OrderWalk(64)
    test = bench(dut)
    sink = test.sink(dut.addresses)
    test.set(dut.size, samples * words)
    test.set(dut.stride, stride * words)
    pieces, bounds = [], [0, *cuts, samples]

    async def one_after_another(ctx):
        for begin, end in itertools.pairwise(bounds):
            ctx.set(dut.first, order[begin])
            ctx.set(dut.end, order[end % samples])
            ctx.set(dut.start, 1)
            await ctx.tick()
            ctx.set(dut.start, 0)
            while ctx.get(dut.active):
                await ctx.tick()
            pieces.append(list(sink.beats))
            sink.beats.clear()

    test.process(one_after_another)
    test.run(lambda: len(pieces) == len(bounds) - 1)
    assert pieces == [order[begin:end] for begin, end in itertools.pairwise(bounds)]
