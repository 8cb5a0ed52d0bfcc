"""Error propagation of several samples at once, against the sum over each one's open rows."""

from itertools import pairwise, product

import pytest
from allpairspy import AllPairs
from amaranth.hdl import Cat

from bephw.rtl_gen.backward.dense_credit import DenseCredit
from bephw.shape import LayerShape
from tests.rtl_gen.backward.test_credit import desired_below, pack
from tests.rtl_gen.backward.test_vote_memory import votes_of

SLOTS = 3  # of a channel


class Setup:
    """Samples (opened, teach, learn, activations) in front of a unit with models of its memories, sample number i in
    channel i % `channels`. Some pass forward together; then each is there after a pause of its own.

    Of a cell, which has `steps`, they are steps, each at a random place, and `inputs` are its state alone: `others`
    come before it. Its lessons are of the words that hold any of the state.

    The samples of channel `absent` do not come; `forward` of them pass forward at a time, else any number."""

    def __init__(
        self,
        bench,
        size,
        keep,
        count,
        *,
        teaching=0.8,
        pause=0,
        seed=0,
        steps=None,
        others=0,
        absent=None,
        forward=None,
    ):
        inputs, outputs, rows, columns, channels = size
        inputs += others
        self.shape = shape = LayerShape(1, inputs, outputs, rows, columns, 1, steps, slots=3, samples=channels)
        self.dut = dut = DenseCredit(shape, channels, slots=SLOTS * channels, keep=keep)
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
        self.forward = forward
        self.started, self.together = 0, {}  # samples; of each, the first behind those that passed forward with it
        self.passes = []  # of each, the samples that it took
        if steps is None:
            b.watch([Cat(votes.release for votes in dut.votes)], self._pass_forward)
        self.done = []
        self.places = [{} for _ in range(channels)]  # of a cell: the words of each step's inputs
        for channel in range(channels):
            own = self.samples[channel::channels]
            self.done.append(self._inputs(channel, own))
            if channel != absent:
                b.process(self._votes(channel, own))

    def _sample(self, number, teaching):
        generator, shape = self.bench.random, self.shape
        density = (0.5, 0.0, 1.0, 0.3)[number % 4]
        opened = {i: generator.randrange(2) for i in range(shape.outputs) if generator.random() < density}
        bits = [generator.randrange(2) for _ in range(shape.inputs)]
        return opened, int(generator.random() < teaching), generator.randrange(2), bits

    def _pass_forward(self, released):
        """Some samples at a time, of which no more are kept than there are slots."""
        taken, channels = sum(map(len, self.passes)), self.shape.samples
        if released:
            taken += released.bit_count()
            self.passes.append(range(taken - released.bit_count(), taken))
        room = min(SLOTS * channels - self.started + taken, len(self.samples) - self.started)
        count = min(room, self.forward or self.bench.random.randint(0, channels))
        if self.forward and count < self.forward:
            count = 0
        numbers = range(self.started, self.started + count)
        self.started += count
        self.together |= dict.fromkeys(numbers, self.started)
        return [(self.dut.started, sum(1 << number % channels for number in numbers))]

    def _read_plane(self, addresses, busy):
        """Data follows by two cycles."""
        assert len(set(addresses)) == 1
        before, self.address = self.address, addresses[0]
        self.busy += busy
        return [(self.dut.plane.data, self.plane[before] if before < len(self.plane) else [0] * self.shape.rows)]

    def _inputs(self, channel, samples):
        """Answers their reader; returns a list of one number, how many have been given up."""
        reader, shape, places = self.dut.inputs[channel], self.shape, self.places[channel]
        if shape.steps is None:
            return self.bench.memory(reader, [pack(bits, shape.columns, 0) for *_, bits in samples])
        word_bits, step_bits = (shape.words - 1).bit_length(), (shape.steps - 1).bit_length()
        done = [0]

        def answer(index, given_up):
            done[0] += given_up
            place, word = index >> word_bits, index & (1 << word_bits) - 1
            step, slot = place & (1 << step_bits) - 1, place >> step_bits
            words = places.get((step, slot))
            return [(reader.data, words[word] if words else self.bench.random.getrandbits(shape.columns))]

        self.bench.watch([reader.index, reader.done], answer)
        return done

    def _votes(self, channel, samples):
        generator, shape, port = self.bench.random, self.shape, self.dut.votes[channel]

        async def process(ctx):
            for place, (opened, teach, learn, bits) in enumerate(samples):
                while shape.steps is None and place * shape.samples + channel >= self.started:
                    await ctx.tick()
                await self.bench.wait(ctx, generator.randint(0, self.pause))
                groups = votes_of(shape, opened)
                if shape.steps is not None:
                    self._place(ctx, channel, bits)
                for name, value in (("teach", teach), ("learn", learn), ("odd", len(opened) % 2), ("available", 1)):
                    ctx.set(getattr(port, name), value)
                released = 0
                while not released:
                    _, _, group, released = await ctx.tick().sample(port.group, port.release)
                    present, wishes = groups[group]
                    ctx.set(port.votes, {"present": present, "wishes": wishes})
                ctx.set(port.available, 0)

        return process

    def _place(self, ctx, channel, bits):
        """A step's inputs lie at another place than those before: another step's, or another sample's."""
        shape, places = self.shape, self.places[channel]
        before = next(reversed(places), None)
        step, slot = self.bench.random.choice(
            [at for at in product(range(shape.steps), range(shape.slots)) if at != before]
        )
        places.pop((step, slot), None)
        places[step, slot] = pack(bits, shape.columns, 0)
        ctx.set(self.dut.votes[channel].at, {"step": step, "slot": slot})

    def run(self, stall=0.0):
        channels = self.shape.samples
        sinks = [self.bench.sink(lessons, stall) for lessons in self.dut.lessons]
        self.bench.run(lambda: sum(beat["last"] for sink in sinks for beat in sink.beats) == len(self.samples), rest=20)
        for channel, sink in enumerate(sinks):
            self._check(iter(sink.beats), self.samples[channel::channels])
            assert self.done[channel] == [len(self.samples[channel::channels])]
        for taken in self.passes:
            assert taken.stop >= self.together[taken.start], "who passed forward with the first comes along"
        return sinks

    def _check(self, beats, samples):
        shape = self.shape
        for opened, teach, learn, bits in samples:
            expected = desired_below(self.weights, opened.items(), bits, self.keep)
            for word in shape.passed_on_words if teach else [0]:
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


@pytest.mark.parametrize(("rows", "between"), [(2, 1), (12, 2)])
def test_passes_follow_one_another(bench, rows, between):
    """The end of a pass of several row groups is foreseen, and who comes next is there a cycle earlier."""
    setup = Setup(bench, (8, 12, rows, 8, 2), True, 40, teaching=1.0, forward=2)
    dut, shape, ends = setup.dut, setup.shape, []
    setup.bench.watch([dut.passed], lambda passed: ends.append(setup.bench.cycle) if passed else None)
    setup.run()
    assert DenseCredit.between(shape) == between
    assert min(later - earlier for earlier, later in pairwise(ends)) == shape.forward_cycles + between


def test_who_passed_forward_alone_waits_for_nobody(bench):
    setup = Setup(bench, (5, 6, 2, 5, 4), True, 20, teaching=1.0, pause=60, forward=1)
    setup.run()
    assert any(len(taken) < 4 for taken in setup.passes)
    late = Setup(bench, (5, 6, 2, 5, 4), True, 20, teaching=1.0, pause=60, forward=4)
    late.run()
    assert late.passes == [range(first, first + 4) for first in range(0, 20, 4)]


CELLS = [  # states, states, rows, columns, channels; steps, and inputs before the state
    ((6, 6, 2, 3, 2), 4, 5),
    ((5, 5, 5, 4, 3), 3, 4),
    ((7, 7, 3, 2, 4), 1, 1),
    ((9, 9, 4, 20, 2), 6, 9),
    ((4, 4, 1, 1, 2), 2, 3),
]


@pytest.mark.parametrize(
    ("cell", "pause", "stall", "keep"), list(AllPairs([CELLS, [0, 6, 60], [0.0, 0.7], [False, True]]))
)
def test_desired_states(bench, cell, pause, stall, keep):
    """What a cell sends itself, of whatever steps are there: of the state only, on ties as it was."""
    size, steps, others = cell
    setup = Setup(bench, size, keep, 20, teaching=1.0, pause=pause, seed=size[0], steps=steps, others=others)
    setup.run(stall)


def test_a_channel_of_a_cell_does_not_wait_for_others(bench):
    """Lessons of a cell stay in their channels: where one has no step to pass, the others go on."""
    setup = Setup(bench, (4, 4, 2, 2, 2), True, 40, teaching=1.0, steps=3, others=2, absent=1)
    sinks = [setup.bench.sink(lessons) for lessons in setup.dut.lessons]
    setup.bench.run(lambda: sum(beat["last"] for beat in sinks[0].beats) == 20, limit=1_000)
    assert not sinks[1].beats
