"""Error propagation against the sum over the open rows."""

import pytest
from allpairspy import AllPairs

from bephw.rtl_gen.backward.credit import BEYOND, OUTSTANDING, CreditUnit
from bephw.shape import LayerShape


def desired_below(weights, opened, activations, keep):
    """Section 4: v_k over the open rows (row, desired bit), its sign, and what a tie gives."""
    result = []
    for k, active in enumerate(activations):
        v = sum(1 if weights[i][k] == desired else -1 for i, desired in opened)
        result.append(int(v > 0) if v else (active if keep else 1))
    return result


def pack(bits, columns, padding):
    """Words of `columns` bits, the last one padded: with zeros for activations, with ones for weights."""
    padded = bits + [padding] * (-len(bits) % columns)
    return [
        sum(bit << lane for lane, bit in enumerate(padded[at : at + columns])) for at in range(0, len(padded), columns)
    ]


class Setup:
    """Samples (opened, teach, learn, activations) in front of a unit with models of its memories.

    A sample comes with pauses of probability `gap` a cycle.
    """

    def __init__(self, bench, shape, keep, samples_of, *, gap=0.0, seed=0):
        self.dut = dut = CreditUnit(shape, keep=keep)
        self.bench = b = bench(dut, seed)
        self.shape, self.keep, self.gap = shape, keep, gap
        generator = b.random
        self.weights = [[generator.randrange(2) for _ in range(shape.inputs)] for _ in range(shape.outputs)]
        self.samples = list(samples_of(generator, shape))
        size = shape.groups * shape.words
        self.plane = [[generator.getrandbits(shape.columns) for _ in range(shape.rows)] for _ in range(size)]
        for j, row in enumerate(self.weights):
            for word, value in enumerate(pack(row, shape.columns, 1)):
                self.plane[j // shape.rows * shape.words + word][j % shape.rows] = value
        self.addresses = [0] * shape.rows  # of the cycle before
        self.done = b.memory(dut.inputs, [pack(activations, shape.columns, 0) for *_, activations in self.samples])
        self.released, self.lasts, self.busy, self.shown = [], [], [0], False
        b.watch([dut.plane.address], self._read_plane)
        b.watch([dut.read, dut.read_index, dut.release, dut.busy], self._lists)

    def _read_plane(self, addresses):
        """Data follows by two cycles."""
        before, self.addresses = self.addresses, addresses
        words = [self.plane[address][bank] if address < len(self.plane) else 0 for bank, address in enumerate(before)]
        return [(self.dut.plane.data, words)]

    def bank_lists(self, sample):
        rows = self.shape.rows
        return [[entry for entry in self.samples[sample][0] if entry[0] % rows == bank] for bank in range(rows)]

    def _lists(self, read, index, release, busy):
        dut, generator, sample = self.dut, self.bench.random, len(self.released)
        self.busy[0] += busy
        changes = []
        if sample < len(self.samples) and read:
            entries = []
            for own in self.bank_lists(sample):
                plane = own[index][0] // self.shape.rows if index < len(own) else generator.randrange(self.shape.groups)
                desired = own[index][1] if index < len(own) else generator.randrange(2)
                entries.append({"plane": plane * self.shape.words, "desired": desired})
            changes.append((dut.rows, entries))
        if release:
            self.released.append(self.bench.cycle)
            sample += 1
        if release or not self.shown:
            self.shown = sample < len(self.samples) and generator.random() >= self.gap
        if self.shown:
            opened, teach, learn, _ = self.samples[sample]
            counts = [len(own) for own in self.bank_lists(sample)]
            changes += [(dut.counts, counts), (dut.odd, len(opened) % 2), (dut.teach, teach), (dut.learn, learn)]
        return [*changes, (dut.available, self.shown)]

    def run(self, stall=0.0):
        self.sink = self.bench.sink(self.dut.lessons, stall)
        self.bench.run(lambda: sum(beat["last"] for beat in self.sink.beats) == len(self.samples), rest=20)
        assert len(self.released) == self.done[0] == len(self.samples)
        return self.sink.beats

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
    (4, 40, 20, 4),  # more rows than are counted at once
]


@pytest.mark.parametrize(
    ("size", "gap", "stall", "keep"), list(AllPairs([SHAPES, [0.0, 0.5, 0.9], [0.0, 0.7], [False, True]]))
)
def test_desired_bits(bench, size, keep, gap, stall):
    inputs, outputs, rows, columns = size
    shape = LayerShape(1, inputs, outputs, rows, columns, 1)
    setup = Setup(bench, shape, keep, random_samples(16, [0.5, 0.0, 1.0, 0.3]), gap=gap, seed=inputs)
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


@pytest.mark.parametrize("size", [*SHAPES, (12, 60, 2, 4), (6, 24, 1, 2)])
@pytest.mark.parametrize("density", [0.0, 0.4, 1.0])
def test_closed_rows_cost_nothing(bench, size, density):
    """Each word takes as many cycles as the longest bank's list is long, at least 1, and `BEYOND` + 1 more to find that
    out; the lists are given up in the next cycle, and samples follow without another gap.

    Only the places for lessons hold it up, and each lesson comes when it is promised.
    """
    inputs, outputs, rows, columns = size
    shape = LayerShape(1, inputs, outputs, rows, columns, 1)

    def samples_of(generator, shape):
        for opened, _, learn, activations in random_samples(8, [density])(generator, shape):
            yield opened, 1, learn, activations

    setup = Setup(bench, shape, True, samples_of, seed=outputs)
    setup.check(setup.run())
    longest = [max([*map(len, setup.bank_lists(sample)), 0]) for sample in range(8)]
    # Cycles since the first word was begun: of each word's beginning, its last row, and its lesson.
    lengths = [
        length + BEYOND + 1 if word == 0 else max(length, 1) for length in longest for word in range(shape.words)
    ]
    assert setup.busy[0] == sum(lengths)
    begun, last, taken = [], [], []
    for number, length in enumerate(lengths):
        place = taken[-OUTSTANDING] + 2 if number >= OUTSTANDING else 0
        given_up = number > 0 and number % shape.words == 0
        begun.append(max(last[-1] + 1 + given_up if last else 0, place))
        last.append(begun[-1] + length - 1)
        taken.append(last[-1] + CreditUnit.latency(shape) + 1)
    first = setup.sink.cycles[0] - taken[0]
    assert setup.sink.cycles == [first + cycle for cycle in taken]
    assert setup.released == [first + cycle + 1 for cycle in last[shape.words - 1 :: shape.words]]
