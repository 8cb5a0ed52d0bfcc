"""Where and when reinforcement happens (numerics.md sections 5 and 8)."""

from types import SimpleNamespace

import pytest

from bephw.rtl_gen.weights.reinforcement import Reinforcement
from bephw.shape import LayerShape


class Model:
    def __init__(self, shape, seed, accumulator):
        self.shape, self.u, self.accumulator = shape, seed, accumulator

    def after_a_sample(self, rate):
        """For every event the words of its burst, and the lane at which each of them sees it begin."""
        shape, places = self.shape, []
        self.accumulator += rate
        for _ in range(self.accumulator >> 16):
            self.u ^= (self.u << 13) & 0xFFFFFFFF
            self.u ^= self.u >> 17
            self.u ^= (self.u << 5) & 0xFFFFFFFF
            j = ((self.u >> 16) * shape.outputs) >> 16
            k = ((self.u & 0xFFFF) * shape.inputs) >> 16
            row, width = j * shape.words * (shape.columns // shape.update_columns), shape.update_columns
            begin = k - k % shape.burst
            for chunk in sorted({i // width for i in range(begin, min(begin + shape.burst, shape.inputs))}):
                lane = 0 if shape.burst % width == 0 else begin - chunk * width
                places.append({"element": {"word": row + chunk, "lane": lane}, "last": 0})
        if places:
            places[-1]["last"] = 1
        self.accumulator &= 0xFFFF
        return places


async def start_and_wait(ctx, dut, rate):
    ctx.set(dut.rate, rate)
    ctx.set(dut.start, 1)
    await ctx.tick()
    ctx.set(dut.start, 0)
    cycles = 0
    while ctx.get(dut.busy):
        await ctx.tick()
        cycles += 1
    return cycles


SHAPES = [  # inputs, outputs, columns, update_columns, counters in a burst
    (1, 1, 1, 1, 1),
    (7, 5, 6, 3, 1),
    (100, 33, 12, 12, 1),
    (784, 255, 56, 14, 1),
    (64, 10, 16, 16, 1),
    (65535, 3, 10, 5, 1),
    (13, 300, 7, 7, 1),
    # Within a word; a word, or words, at a time; from one word to the next.
    (100, 33, 12, 12, 4),
    (65, 10, 16, 16, 16),
    (33, 9, 8, 2, 8),
    (9, 7, 5, 1, 16),
    (784, 255, 56, 14, 8),
    (23, 17, 9, 3, 16),
]


def shape_of(size):
    inputs, outputs, columns, update, burst = size
    return LayerShape(0, inputs, outputs, 1, columns, update, burst=burst)


class Multiplying(Reinforcement):
    """As on a chip that has multipliers to spare."""

    def elaborate(self, platform):
        return super().elaborate(SimpleNamespace(device="iCE40UP5K"))


@pytest.mark.parametrize("kind", [Reinforcement, Multiplying])
@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("stall", [0.0, 0.6])
def test_places(bench, size, stall, kind):
    shape, inputs = shape_of(size), size[0]
    dut = kind(shape, seed=0x12345678 + inputs, accumulator=0xFFF0)
    b = bench(dut, seed=inputs)
    sink = b.sink(dut.events, stall)
    model = Model(shape, 0x12345678 + inputs, 0xFFF0)
    # Nothing, then something just below, at and above one event, several, and the fractions between.
    rates = [0, 15, 1, 0xFFFF, 0x10000, 0x10001, 0x58000, 0, 3 << 16, *(b.random.randrange(1 << 18) for _ in range(25))]
    finished = []

    async def samples(ctx):
        for rate in rates:
            cycles = await start_and_wait(ctx, dut, rate)
            expected = model.after_a_sample(rate)
            assert (cycles == 1) == (not expected)
            assert sink.beats == expected
            sink.beats.clear()
            assert ctx.get(dut.accumulator) == model.accumulator
            assert ctx.get(dut.generator) == model.u
        finished.append(True)

    b.process(samples)
    b.run(lambda: finished)


def test_the_largest_rate(bench):
    """Rates below 2^32 on a full accumulator ask for 65,536 events, which leave 0xfffe behind."""
    shape = LayerShape(0, 10, 10, 1, 5, 5)
    dut = Reinforcement(shape, seed=1, accumulator=0xFFFF)
    b = bench(dut)
    b.set(dut.events.ready, 1)
    seen = {"events": 0, "busy": 0}

    def count(valid, busy):
        seen["events"] += valid
        seen["busy"] += busy

    b.watch([dut.events.valid, dut.busy], count)
    left = []

    async def sample(ctx):
        ctx.set(dut.rate, 0xFFFFFFFF)
        ctx.set(dut.start, 1)
        await ctx.tick()
        ctx.set(dut.start, 0)
        await b.wait(ctx, 1)
        left.append(ctx.get(dut.accumulator))

    b.process(sample)
    b.run(65_600, limit=65_610)
    assert left == [0xFFFE]
    assert seen["events"] == 65_536
    assert seen["busy"] == 65_535 + dut.latency(shape)


@pytest.mark.parametrize("size", SHAPES)
def test_latency_throughput_and_busy(bench, size):
    shape = shape_of(size)
    words = len(Model(shape, 1, 0).after_a_sample(6 << 16))
    dut = Reinforcement(shape, seed=1)
    b = bench(dut)
    sink, busy = b.sink(dut.events), []
    b.set(dut.rate, 6 << 16)
    b.watch([dut.busy], lambda value: busy.append(value) or [(dut.start, b.cycle == 2)])  # high in cycle 3
    b.run(40 + words)
    first = 3 + dut.latency(shape)
    assert sink.cycles == list(range(first, first + words))
    assert [cycle for cycle, value in enumerate(busy) if value] == list(range(4, first + words))


def test_state_can_be_set(bench):
    shape = LayerShape(0, 10, 10, 1, 5, 5)
    dut = Reinforcement(shape, seed=77, accumulator=5)
    b = bench(dut)

    async def script(ctx):
        assert (ctx.get(dut.generator), ctx.get(dut.accumulator)) == (77, 5)
        ctx.set(dut.set_data, 0xDEADBEEF)
        ctx.set(dut.generator_set, 1)
        await ctx.tick()
        ctx.set(dut.generator_set, 0)
        ctx.set(dut.set_data, 0x1234)
        ctx.set(dut.accumulator_set, 1)
        await ctx.tick()
        ctx.set(dut.accumulator_set, 0)
        await ctx.tick()
        assert (ctx.get(dut.generator), ctx.get(dut.accumulator)) == (0xDEADBEEF, 0x1234)

    b.script(script)
