"""The folded forward pass of one layer."""

from itertools import pairwise

import pytest

from bephw.rtl_gen.compact.forward import ForwardUnit
from bephw.shape import LayerShape

SHAPES = [  # inputs, outputs, rows, columns
    (1, 1, 1, 1),
    (5, 6, 2, 2),
    (7, 5, 2, 3),  # ragged both ways
    (6, 3, 3, 6),  # one step
    (20, 4, 1, 18),
    (9, 7, 4, 2),
]


def z_of(weights, activations):
    agree = sum(w == a for w, a in zip(weights, activations, strict=True))
    return 2 * agree - len(activations)


def bits(generator, count):
    return [generator.randrange(2) for _ in range(count)]


def pack(values, columns, generator):
    """Words of `columns` bits, the padding random."""
    padded = values + bits(generator, -len(values) % columns)
    return [
        sum(bit << lane for lane, bit in enumerate(padded[at : at + columns])) for at in range(0, len(padded), columns)
    ]


class Setup:
    """Memories around a forward unit: samples one after another, weights at `base` of twice the depth needed."""

    def __init__(self, bench, shape, *, samples, base, gap=0.0, seed=0):
        depth = 2 * shape.groups * shape.words
        self.dut = dut = ForwardUnit(shape, 4, depth)
        self.bench = b = bench(dut, seed)
        self.shape = shape
        self.weights = [bits(b.random, shape.inputs) for _ in range(shape.outputs)]
        self.samples = [bits(b.random, shape.inputs) for _ in range(samples)]
        self.tags = [{"label": b.random.randrange(4), "learn": b.random.randrange(2)} for _ in range(samples)]
        self.memory = [[b.random.getrandbits(shape.columns) for _ in range(shape.rows)] for _ in range(depth)]
        for output, row in enumerate(self.weights):
            for word, value in enumerate(pack(row, shape.columns, b.random)):
                self.memory[base + output // shape.rows * shape.words + word][output % shape.rows] = value
        records = [pack(sample, shape.columns, b.random) for sample in self.samples]
        done = b.memory(dut.inputs, records)
        b.set(dut.base, base)
        b.watch(
            [dut.weights.address, dut.weights.enable],
            lambda address, enable: [(dut.weights.data, self.memory[address])] if enable else [],
        )
        self.busy = [0]
        shown = [False]

        def offer(used, busy):
            self.busy[0] += busy
            if used or not shown[0]:
                shown[0] = b.random.random() >= gap
            shown[0] = shown[0] and done[0] < samples
            tag = self.tags[min(done[0], samples - 1)]
            return [(dut.available, shown[0]), (dut.tag, tag)]

        b.watch([dut.inputs.done, dut.busy], offer)

    def check(self, beats):
        shape = self.shape
        assert len(beats) == len(self.samples) * shape.groups
        for number, beat in enumerate(beats):
            sample, group = divmod(number, shape.groups)
            assert beat["final"] == (group == shape.groups - 1)
            assert beat["tag"] == self.tags[sample]
            for row in range(min(shape.rows, shape.outputs - group * shape.rows)):
                assert beat["z"][row] == z_of(self.weights[group * shape.rows + row], self.samples[sample])


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize(("gap", "stall"), [(0.0, 0.0), (0.7, 0.0), (0.0, 0.7), (0.5, 0.3)])
def test_z(bench, size, half, gap, stall):
    inputs, outputs, rows, columns = size
    shape = LayerShape(0, inputs, outputs, rows, columns, 1)
    setup = Setup(bench, shape, samples=8, base=half * shape.forward_cycles, gap=gap, seed=inputs)
    sink = setup.bench.sink(setup.dut.sums, stall)
    setup.bench.run(lambda: len(sink.beats) == 8 * shape.groups, rest=10)
    setup.check(sink.beats)
    assert setup.busy[0] == 8 * shape.forward_cycles, "busy counts the cycles that the array works"


@pytest.mark.parametrize("size", SHAPES)
def test_a_sample_every_forward_cycles(bench, size):
    inputs, outputs, rows, columns = size
    shape = LayerShape(0, inputs, outputs, rows, columns, 1)
    setup = Setup(bench, shape, samples=5, base=0)
    sink = setup.bench.sink(setup.dut.sums)
    setup.bench.run(lambda: len(sink.beats) == 5 * shape.groups)
    ends = sink.cycles[shape.groups - 1 :: shape.groups]
    assert [later - earlier for earlier, later in pairwise(ends)] == [shape.forward_cycles] * 4


def test_another_base_takes_effect_between_samples(bench):
    """What the swap of the planes does: the base moves while no sample is present."""
    shape = LayerShape(0, 4, 4, 2, 2, 1)
    dut = ForwardUnit(shape, 2, 8)
    b = bench(dut)
    # The first plane is all ones, the second all zeros; the inputs are ones.
    b.watch(
        [dut.weights.address, dut.weights.enable],
        lambda address, enable: [(dut.weights.data, [3, 3] if address < 4 else [0, 0])] if enable else [],
    )
    b.memory(dut.inputs, [[3, 3]])
    sink = b.sink(dut.sums)

    async def samples(ctx):
        for base in (0, 4, 4, 0):
            ctx.set(dut.base, base)
            await ctx.tick()
            ctx.set(dut.available, 1)
            await b.wait_for(ctx, dut.inputs.done)
            ctx.set(dut.available, 0)

    b.process(samples)
    b.run(lambda: len(sink.beats) == 8)
    assert [beat["z"] for beat in sink.beats] == [[z, z] for z in (4, 4, -4, -4, -4, -4, 4, 4)]
