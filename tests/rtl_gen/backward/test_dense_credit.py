"""Error propagation of several samples at once, against the sum over each one's open rows."""

import pytest
from allpairspy import AllPairs

from bephw.rtl_gen.backward.dense_credit import DenseCredit
from bephw.shape import LayerShape
from tests.rtl_gen.backward.test_credit import desired_below, pack
from tests.rtl_gen.backward.test_vote_memory import votes_of


class Setup:
    """Samples (opened, teach, learn, activations) in front of a unit with models of its memories, sample number i in
    channel i % `channels`, each there after a pause of its own."""

    def __init__(self, bench, size, keep, count, *, teaching=0.8, pause=0, seed=0):
        inputs, outputs, rows, columns, channels = size
        self.shape = shape = LayerShape(1, inputs, outputs, rows, columns, 1, samples=channels)
        self.dut = dut = DenseCredit(shape, channels, keep=keep)
        self.bench = b = bench(dut, seed)
        self.keep, self.pause, generator = keep, pause, b.random
        self.weights = [[generator.randrange(2) for _ in range(inputs)] for _ in range(outputs)]
        self.samples = [self._sample(number, teaching) for number in range(count)]
        size = shape.groups * shape.words
        self.plane = [[generator.getrandbits(columns) for _ in range(rows)] for _ in range(size)]
        for j, row in enumerate(self.weights):
            for word, value in enumerate(pack(row, columns, 1)):
                self.plane[j // rows * shape.words + word][j % rows] = value
        self.address = 0  # of the cycle before
        self.busy = 0
        b.watch([dut.plane.address, dut.busy], self._read_plane)
        self.done = []
        for channel in range(channels):
            own = self.samples[channel::channels]
            self.done.append(b.memory(dut.inputs[channel], [pack(bits, columns, 0) for *_, bits in own]))
            b.process(self._votes(dut.votes[channel], own))

    def _sample(self, number, teaching):
        generator, shape = self.bench.random, self.shape
        density = (0.5, 0.0, 1.0, 0.3)[number % 4]
        opened = {i: generator.randrange(2) for i in range(shape.outputs) if generator.random() < density}
        bits = [generator.randrange(2) for _ in range(shape.inputs)]
        return opened, int(generator.random() < teaching), generator.randrange(2), bits

    def _read_plane(self, addresses, busy):
        """Data follows by two cycles."""
        assert len(set(addresses)) == 1
        before, self.address = self.address, addresses[0]
        self.busy += busy
        return [(self.dut.plane.data, self.plane[before] if before < len(self.plane) else [0] * self.shape.rows)]

    def _votes(self, port, samples):
        generator = self.bench.random

        async def process(ctx):
            for opened, teach, learn, _ in samples:
                await self.bench.wait(ctx, generator.randint(0, self.pause))
                groups = votes_of(self.shape, opened)
                for name, value in (("teach", teach), ("learn", learn), ("odd", len(opened) % 2), ("available", 1)):
                    ctx.set(getattr(port, name), value)
                released = 0
                while not released:
                    _, _, group, released = await ctx.tick().sample(port.group, port.release)
                    present, wishes = groups[group]
                    ctx.set(port.votes, {"present": present, "wishes": wishes})
                ctx.set(port.available, 0)

        return process

    def run(self, stall=0.0):
        channels = self.shape.samples
        sinks = [self.bench.sink(lessons, stall) for lessons in self.dut.lessons]
        self.bench.run(lambda: sum(beat["last"] for sink in sinks for beat in sink.beats) == len(self.samples), rest=20)
        for channel, sink in enumerate(sinks):
            self._check(iter(sink.beats), self.samples[channel::channels])
            assert self.done[channel] == [len(self.samples[channel::channels])]
        return sinks

    def _check(self, beats, samples):
        shape = self.shape
        for opened, teach, learn, bits in samples:
            expected = desired_below(self.weights, opened.items(), bits, self.keep)
            for word in range(shape.words if teach else 1):
                beat = next(beats)
                assert (beat["teach"], beat["learn"]) == (teach, learn)
                assert beat["last"] == (not teach or word == shape.words - 1)
                part = expected[word * shape.columns : (word + 1) * shape.columns]
                if teach:
                    assert [(beat["data"] >> lane) & 1 for lane in range(len(part))] == part
        assert next(beats, None) is None


SIZES = [  # inputs, outputs, rows, columns, channels
    (1, 1, 1, 1, 2),
    (6, 8, 1, 4, 2),
    (7, 9, 2, 3, 3),
    (5, 6, 4, 5, 4),
    (9, 5, 5, 2, 2),
    (8, 7, 3, 4, 8),
    (4, 40, 20, 4, 2),
    (3, 10, 2, 3, 16),
]


@pytest.mark.parametrize(
    ("size", "pause", "stall", "keep"), list(AllPairs([SIZES, [0, 6, 60], [0.0, 0.7], [False, True]]))
)
def test_desired_bits(bench, size, pause, stall, keep):
    Setup(bench, size, keep, 20, pause=pause, seed=size[0]).run(stall)


def test_samples_that_are_there_pass_together(bench):
    """All channels always have one, so a pass serves them all."""
    setup = Setup(bench, (8, 12, 2, 4, 4), True, 40, teaching=1.0)
    setup.run()
    assert setup.busy == 10 * setup.shape.forward_cycles
