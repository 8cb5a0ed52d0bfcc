"""Error propagation against the sum over the open rows."""

from itertools import pairwise

import pytest

from bephw.rtl_gen.compact.credit import CreditUnit
from bephw.shape import LayerShape


def desired_below(weights, opened, activations, keep):
    """Section 4: v_k over the open rows (row, desired bit), its sign, and what a tie gives."""
    result = []
    for k, active in enumerate(activations):
        v = sum(1 if weights[i][k] == desired else -1 for i, desired in opened)
        result.append(int(v > 0) if v else (active if keep else 1))
    return result


def pack(bits, columns, generator):
    padded = bits + [generator.randrange(2) for _ in range(-len(bits) % columns)]
    return [
        sum(bit << lane for lane, bit in enumerate(padded[at : at + columns])) for at in range(0, len(padded), columns)
    ]


class Setup:
    """Samples (opened, teach, learn, activations) in front of a unit with models of its memories."""

    def __init__(self, bench, shape, keep, samples_of, *, half=0, gap=0.0, seed=0):
        self.dut = dut = CreditUnit(shape, keep=keep)
        self.bench = b = bench(dut, seed)
        self.shape, self.keep, self.gap = shape, keep, gap
        generator = b.random
        self.weights = [[generator.randrange(2) for _ in range(shape.inputs)] for _ in range(shape.outputs)]
        self.samples = list(samples_of(generator, shape))
        size = shape.groups * shape.words
        self.plane = [[generator.getrandbits(shape.columns) for _ in range(shape.rows)] for _ in range(2 * size)]
        for j, row in enumerate(self.weights):
            for word, value in enumerate(pack(row, shape.columns, generator)):
                self.plane[half * size + j // shape.rows * shape.words + word][j % shape.rows] = value
        b.set(dut.frozen_base, half * size)
        b.memory(dut.inputs, [pack(activations, shape.columns, generator) for *_, activations in self.samples])
        self.released, self.busy, self.shown = [], [0], False
        b.watch([dut.plane.address, dut.plane.enable], self._read_plane)
        b.watch([dut.read, dut.read_index, dut.release, dut.busy], self._lists)

    def _read_plane(self, addresses, enable):
        if enable:
            return [(self.dut.plane.data, [self.plane[address][bank] for bank, address in enumerate(addresses)])]
        return []

    def _bank_lists(self, sample):
        rows = self.shape.rows
        return [[entry for entry in self.samples[sample][0] if entry[0] % rows == bank] for bank in range(rows)]

    def _lists(self, read, index, release, busy):
        dut, generator, sample = self.dut, self.bench.random, len(self.released)
        self.busy[0] += busy
        changes = []
        if sample < len(self.samples) and read:
            entries = []
            for own in self._bank_lists(sample):
                garbage = {"plane": 0, "desired": generator.randrange(2)}
                known = index < len(own)
                entries.append(
                    {"plane": own[index][0] // self.shape.rows * self.shape.words, "desired": own[index][1]}
                    if known
                    else garbage
                )
            changes.append((dut.rows, entries))
        if release:
            self.released.append(self.bench.cycle)
            sample += 1
        if release or not self.shown:
            self.shown = sample < len(self.samples) and generator.random() >= self.gap
        if sample < len(self.samples):
            _, teach, learn, _ = self.samples[sample]
            counts = [len(own) for own in self._bank_lists(sample)]
            changes += [(dut.counts, counts), (dut.teach, teach), (dut.learn, learn)]
        return [*changes, (dut.available, self.shown)]

    def run(self, stall=0.0):
        sink = self.bench.sink(self.dut.lessons, stall)
        self.bench.run(lambda: len(self.released) == len(self.samples), rest=12)
        return sink.beats

    def check(self, beats):
        beats, shape = iter(beats), self.shape
        for opened, teach, learn, activations in self.samples:
            expected = desired_below(self.weights, opened, activations, self.keep)
            for word in range(shape.words if teach else 1):
                beat = next(beats)
                assert (beat["teach"], beat["learn"]) == (teach, learn)
                assert beat["last"] == (not teach or word == shape.words - 1)
                part = expected[word * shape.columns : (word + 1) * shape.columns]
                if teach:
                    assert [(beat["data"] >> lane) & 1 for lane in range(len(part))] == part
        assert next(beats, None) is None


def random_samples(count, densities):
    def samples_of(generator, shape):
        for number in range(count):
            density = densities[number % len(densities)]
            opened = [(i, generator.randrange(2)) for i in range(shape.outputs) if generator.random() < density]
            activations = [generator.randrange(2) for _ in range(shape.inputs)]
            yield opened, int(generator.random() < 0.8), generator.randrange(2), activations

    return samples_of


SHAPES = [  # inputs, outputs, rows, columns
    (1, 1, 1, 1),
    (6, 8, 1, 4),
    (7, 9, 2, 3),
    (5, 6, 4, 5),
    (9, 5, 5, 2),
]


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize(("half", "gap", "stall"), [(0, 0.0, 0.0), (1, 0.5, 0.0), (1, 0.0, 0.7)])
def test_desired_bits(bench, size, keep, half, gap, stall):
    inputs, outputs, rows, columns = size
    shape = LayerShape(1, inputs, outputs, rows, columns, 1)
    setup = Setup(bench, shape, keep, random_samples(16, [0.5, 0.0, 1.0, 0.3]), half=half, gap=gap, seed=inputs)
    setup.check(setup.run(stall))


@pytest.mark.parametrize("keep", [False, True])
def test_no_open_row_is_a_tie_everywhere(bench, keep):
    shape = LayerShape(1, 6, 4, 2, 4, 1)
    setup = Setup(bench, shape, keep, lambda generator, _: [([], 1, 1, [1, 0, 0, 1, 0, 1])])
    beats = setup.run()
    setup.check(beats)
    assert (beats[0]["data"] & 15) | (beats[1]["data"] & 3) << 4 == (0b101001 if keep else 0b111111)


@pytest.mark.parametrize("outputs", [7, 8])
@pytest.mark.parametrize("rows", [1, 3])
def test_unanimous_rows_do_not_overflow(bench, outputs, rows):
    """All rows open, all of one opinion: v = +-outputs."""
    shape = LayerShape(1, 4, outputs, rows, 4, 1)

    def unanimous(generator, shape):
        for bit in (0, 1):
            yield [(i, bit) for i in range(outputs)], 1, 1, [0, 1, 0, 1]

    setup = Setup(bench, shape, True, unanimous)
    for row in range(outputs):
        setup.plane[row // rows][row % rows] = 0b0011
        setup.weights[row] = [1, 1, 0, 0]
    beats = setup.run()
    setup.check(beats)
    assert [beat["data"] for beat in beats] == [0b1100, 0b0011]


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("density", [0.0, 0.4, 1.0])
def test_closed_rows_cost_nothing(bench, size, density):
    """Cycles: words times (the longest bank's list, at least 1, and one more), and 6."""
    inputs, outputs, rows, columns = size
    shape = LayerShape(1, inputs, outputs, rows, columns, 1)

    def samples_of(generator, shape):
        for opened, _, learn, activations in random_samples(6, [density])(generator, shape):
            yield opened, 1, learn, activations

    setup = Setup(bench, shape, True, samples_of, seed=outputs)
    setup.check(setup.run())
    longest = [max(1, *map(len, setup._bank_lists(sample)), 0) for sample in range(6)]
    periods = [later - earlier for earlier, later in pairwise(setup.released)]
    assert periods == [shape.words * (length + 1) + 6 for length in longest[1:]]
    assert setup.busy[0] == shape.words * sum(longest)
