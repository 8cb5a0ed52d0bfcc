"""The folded forward pass of one layer."""

from itertools import pairwise

import pytest

from bephw.rtl_gen.forward.unit import ForwardUnit
from bephw.shape import LayerShape

SHAPES = [  # inputs, outputs, rows, columns
    (1, 1, 1, 1),
    (5, 6, 2, 2),
    (7, 5, 2, 3),  # ragged both ways
    (6, 3, 3, 6),  # one step
    (20, 4, 1, 18),
    (9, 7, 4, 2),
    (8, 12, 5, 4),  # 3 + 2 outputs a group
    (8, 10, 4, 4),
    (9, 4, 2, 1),
]


def z_of(weights, activations):
    agree = sum(w == a for w, a in zip(weights, activations, strict=True))
    return 2 * agree - len(activations)


def bits(generator, count):
    return [generator.randrange(2) for _ in range(count)]


def pack(values, columns, padding):
    """Words of `columns` bits, the last one padded: with zeros for activations, with ones for weights."""
    padded = values + [padding] * (-len(values) % columns)
    return [
        sum(bit << lane for lane, bit in enumerate(padded[at : at + columns])) for at in range(0, len(padded), columns)
    ]


class Setup:
    """Memories around a forward unit: samples one after another, with pauses between them of probability `gap` a cycle,
    and no room for their outputs with probability `stall` a cycle."""

    def __init__(self, bench, size, *, samples, gap=0.0, stall=0.0, seed=0, device=None, wires=0, gathers=False):
        self.shape = shape = LayerShape(0, *size, 1)
        self.dut = dut = ForwardUnit(shape, device=device, wires=wires, gathers=gathers)
        self.gathers, self.before, self.begun = gathers, (0, 0), 0
        self.wires = wires
        self.bench = b = bench(dut, seed)
        self.gap, self.stall = gap, stall
        self.weights = [bits(b.random, shape.inputs) for _ in range(shape.outputs)]
        self.samples = [bits(b.random, shape.inputs) for _ in range(samples)]
        self.depth = shape.groups * shape.words
        self.memory = [[b.random.getrandbits(shape.columns) for _ in range(shape.rows)] for _ in range(self.depth)]
        for output, row in enumerate(self.weights):
            for word, value in enumerate(pack(row, shape.columns, 1)):
                self.memory[output // shape.rows * shape.words + word][output % shape.rows] = value
        self.ended = 0
        b.memory(dut.inputs[0], [pack(sample, shape.columns, 0) for sample in self.samples])
        self.busy, self.starts, self.addresses, self.shown = 0, [], [], False
        self.beats, self.cycles = [], []
        self.address = 0  # of the cycle before
        self.at_once = device == "ice40"
        b.watch([dut.weights.address, dut.weights.step, dut.weights.final, dut.group_read], self._read_weights)
        b.watch([dut.available, dut.room, dut.start, dut.inputs[0].done, dut.busy], self._offer)
        b.watch([dut.sums[0]], self._take)

    def _read_weights(self, address, step, final, group_read):
        assert group_read == (step and address % self.shape.words == self.shape.words - 1)
        if step:
            self.addresses.append((self.bench.cycle, address))
            assert final == (address == self.depth - 1)
        answer, self.address = self.memory[address if self.at_once else self.address], address
        return [(self.dut.weights.data, answer)]

    def _offer(self, available, room, start, done, busy):
        b = self.bench
        self.busy += busy
        if start:
            assert all(self.before if self.gathers else (available, room))
            self.starts.append(b.cycle)
        self.before = available, room
        self.ended += done
        self.begun += start
        left = (self.begun if self.gathers else self.ended) < len(self.samples)
        if (start if self.gathers else done) or not self.shown:
            self.shown = b.random.random() >= self.gap and left
        return [
            (self.dut.available, self.shown),
            (self.dut.room, b.random.random() >= self.stall),
        ]

    def _take(self, sums):
        if sums["valid"]:
            self.beats.append(sums)
            self.cycles.append(self.bench.cycle)

    def beats_of_groups(self):
        """Outputs of every beat, for each row group."""
        shape = self.shape
        for group in range(shape.groups):
            outputs = range(group * shape.rows, min((group + 1) * shape.rows, shape.outputs))
            yield [outputs[at : at + shape.scan] for at in range(0, len(outputs), shape.scan)]

    def run(self):
        count = len(self.samples) * sum(map(len, self.beats_of_groups()))
        self.bench.run(lambda: len(self.beats) == count, rest=20)
        assert len(self.beats) == count
        beats = iter(zip(self.beats, self.cycles, strict=True))
        groups = list(self.beats_of_groups()) * len(self.samples)
        ends = [cycle for cycle, address in self.addresses if address % self.shape.words == self.shape.words - 1]
        assert [address for _, address in self.addresses] == list(range(self.depth)) * len(self.samples)
        for number, (group, end) in enumerate(zip(groups, ends, strict=True)):
            sample = number // self.shape.groups
            for index, outputs in enumerate(group):
                beat, cycle = next(beats)
                assert beat["z"][: len(outputs)] == [z_of(self.weights[j], self.samples[sample]) for j in outputs]
                last = outputs.stop == self.shape.outputs
                assert beat["last"] == last
                assert cycle == end + ForwardUnit.latency(self.shape, self.wires) + index
                assert not last or cycle == end + ForwardUnit.drained(self.shape, self.wires)


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize(("gap", "stall"), [(0.0, 0.0), (0.7, 0.0), (0.0, 0.7), (0.5, 0.3)])
@pytest.mark.parametrize("device", ["ecp5", "ice40"])
def test_z(bench, size, gap, stall, device):
    """Also: every address is read once a sample, and the first beat of a row group comes when it is promised."""
    setup = Setup(bench, size, samples=12, gap=gap, stall=stall, seed=size[0], device=device)
    setup.run()
    assert len(setup.starts) == 12
    assert setup.busy == 12 * setup.shape.forward_cycles, "busy counts the cycles that the array works"
    firsts = [cycle for cycle, address in setup.addresses if address == 0]
    assert setup.starts == firsts, "a sample is started with its first step"


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("wires", [1, 2])
@pytest.mark.parametrize("device", ["ecp5", "ice40"])
def test_registers_for_long_wires(bench, size, wires, device):
    setup = Setup(bench, size, samples=5, gap=0.3, seed=wires, device=device, wires=wires)
    setup.run()


@pytest.mark.parametrize("size", SHAPES)
def test_a_sample_every_interval(bench, size):
    setup = Setup(bench, size, samples=6)
    setup.run()
    assert {later - earlier for earlier, later in pairwise(setup.starts)} == {setup.shape.forward_cycles}


@pytest.mark.parametrize("size", SHAPES)
def test_a_sample_that_has_begun_does_not_stop(bench, size):
    """Whatever becomes of `room`: all its steps follow one another."""
    setup = Setup(bench, size, samples=10, stall=0.9, seed=3)
    setup.run()
    cycles = [cycle for cycle, _ in setup.addresses]
    for start in range(0, len(cycles), setup.depth):
        assert {later - earlier for earlier, later in pairwise(cycles[start : start + setup.depth])} <= {1}


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize(("gap", "stall"), [(0.0, 0.0), (0.7, 0.0), (0.0, 0.7), (0.5, 0.3)])
def test_who_passes_is_decided_a_cycle_before(bench, size, gap, stall):
    """Without a cycle between passes, but where these have a single step."""
    setup = Setup(bench, size, samples=12, gap=gap, stall=stall, seed=size[0], gathers=True)
    setup.run()
    periods = [later - earlier for earlier, later in pairwise(setup.starts)]
    least = max(setup.shape.forward_cycles, 2)
    assert min(periods) >= least
    assert gap or stall or set(periods) == {least}


class Channels:
    """As `Setup`, with several channels, whose samples come with pauses of their own, and where there is no room for
    all that wait in three cycles of ten."""

    def __init__(self, bench, size, channels, *, pause, seed=0):
        self.shape = shape = LayerShape(0, *size, 1, samples=channels)
        self.dut = dut = ForwardUnit(shape)
        self.bench = b = bench(dut, seed)
        self.pause = pause
        self.weights = [bits(b.random, shape.inputs) for _ in range(shape.outputs)]
        self.samples = [[bits(b.random, shape.inputs) for _ in range(6)] for _ in range(channels)]
        self.memory = [[0] * shape.rows for _ in range(shape.groups * shape.words)]
        for output, row in enumerate(self.weights):
            for word, value in enumerate(pack(row, shape.columns, 1)):
                self.memory[output // shape.rows * shape.words + word][output % shape.rows] = value
        self.address, self.started, self.busy = 0, [], 0
        self.left, self.waiting = [6] * channels, [0] * channels
        self.found = [[] for _ in range(channels)]
        for channel in range(channels):
            b.memory(dut.inputs[channel], [pack(sample, shape.columns, 0) for sample in self.samples[channel]])
            b.watch([dut.sums[channel]], lambda sums, found=self.found[channel]: self._take(sums, found))
        b.watch([dut.weights.address], self._read_weights)
        ends = [inputs.done for inputs in dut.inputs]
        b.watch([dut.available, dut.room, dut.start, dut.busy, *ends], self._offer)

    def _take(self, sums, found):
        if sums["valid"]:
            found += sums["z"]

    def _read_weights(self, address):
        answer, self.address = self.memory[self.address], address
        return [(self.dut.weights.data, answer)]

    def _offer(self, available, room, start, busy, *ends):
        self.busy += busy
        if start:
            assert start == available, "all that wait are begun together"
            assert start & ~room == 0
            self.started.append(start.bit_count())
        for channel, end in enumerate(ends):
            self.left[channel] -= end
            self.waiting[channel] -= end
            if self.left[channel] > self.waiting[channel] == 0:
                self.waiting[channel] = self.bench.random.random() >= self.pause
        available = sum(waiting << channel for channel, waiting in enumerate(self.waiting))
        room = sum((self.bench.random.random() >= 0.3) << channel for channel in range(len(ends)))
        return [(self.dut.available, available), (self.dut.room, room)]


@pytest.mark.parametrize("size", [(5, 6, 2, 2), (20, 4, 1, 18), (6, 3, 3, 6)])
@pytest.mark.parametrize(("channels", "pause"), [(2, 0.0), (3, 0.9), (8, 0.5)])
def test_channels_share_the_weights(bench, size, channels, pause):
    setup = Channels(bench, size, channels, pause=pause)
    shape = setup.shape
    setup.bench.run(lambda: not any(setup.left), rest=40)
    for samples, found in zip(setup.samples, setup.found, strict=True):
        beats = [[z_of(setup.weights[j], sample) for j in beat] for sample in samples for beat in shape.all_beats()]
        at = 0
        for beat in beats:
            assert found[at : at + len(beat)] == beat
            at += shape.scan
        assert at == len(found)
    assert sum(setup.started) == 6 * channels
    assert setup.busy == len(setup.started) * shape.forward_cycles, "a pass takes as long as one sample does"
    assert pause or len(setup.started) < 6 * channels
