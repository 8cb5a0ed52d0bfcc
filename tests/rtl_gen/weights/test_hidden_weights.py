"""A layer's counters against lists of integers (numerics.md sections 1, 4, 5 and 8)."""

import itertools
import random
from itertools import pairwise

import pytest
from allpairspy import AllPairs
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.weights.hidden_weights import HiddenWeights
from bephw.shape import LayerShape

SHAPES = [  # inputs, outputs, rows, columns, update_columns
    (5, 3, 2, 4, 2),
    (4, 3, 1, 4, 4),  # one counter word a row
    (9, 1, 1, 8, 2),  # one output; words of nothing but padding
    (1, 1, 1, 1, 1),
    (7, 5, 3, 6, 3),
    (6, 4, 4, 3, 1),
]


class Model:
    """Counters, generator and accumulator, a sample at a time."""

    def __init__(self, shape, bits, counters, seed, accumulator):
        self.shape, self.u, self.accumulator = shape, seed, accumulator
        self.low, self.high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        self.c = [list(row) for row in counters]

    def step(self, j, k, up):
        self.c[j][k] = max(self.low, min(self.high, self.c[j][k] + (1 if up else -1)))

    def sample(self, activations, winners, learn, rate):
        """Returns how many events there were."""
        for j, desired in winners:
            for k in range(self.shape.inputs):
                self.step(j, k, desired == activations[k])
        if not learn:
            return 0
        self.accumulator += rate
        events = self.accumulator >> 16
        self.accumulator &= 0xFFFF
        for _ in range(events):
            self.u ^= (self.u << 13) & 0xFFFFFFFF
            self.u ^= self.u >> 17
            self.u ^= (self.u << 5) & 0xFFFFFFFF
            j = ((self.u >> 16) * self.shape.outputs) >> 16
            k = ((self.u & 0xFFFF) * self.shape.inputs) >> 16
            begin = k - k % self.shape.burst
            for i in range(begin, min(begin + self.shape.burst, self.shape.inputs)):
                self.step(j, i, self.c[j][i] >= 0)
        return events


def memory_words(shape, bits, counters):
    """Word j * row_chunks + q: counters [j, q * update_columns ...], the first lowest."""
    width, words = shape.update_columns, []
    for row in counters:
        padded = [*row, *[0] * (shape.row_chunks * width - shape.inputs)]
        for at in range(0, len(padded), width):
            words.append(sum((c % (1 << bits)) << (bits * lane) for lane, c in enumerate(padded[at : at + width])))
    return words


def beats(samples, generator, row, probability):
    """A sample's winners; its end with the last of them or alone."""
    for _, winners, learn in samples:
        together = winners and generator.random() < probability
        for number, (j, desired) in enumerate(winners):
            last = together and number == len(winners) - 1
            yield {"present": 1, "end": last, "learn": learn, "desired": desired, "row": row(j)}
        if not together:
            yield {"end": 1, "learn": learn}


class Setup:
    """Hidden weights, their model, and the live plane that they write."""

    def __init__(
        self,
        bench,
        shape,
        bits,
        samples,
        *,
        single_port=False,
        seed=0,
        rate=0,
        stall=0.0,
        loads=(),
        wait=True,
        together=0.5,
        when=None,
        sweeps=False,
    ):
        generator = random.Random(seed)
        self.shape, self.samples, self.rate = shape, samples, rate
        low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        # Most counters start near an end.
        values = [low, low + 1, high, high - 1, 0, -1, generator.randint(low, high)]
        counters = [[generator.choice(values) for _ in range(shape.inputs)] for _ in range(shape.outputs)]
        if single_port:
            counters = [[low] * shape.inputs for _ in range(shape.outputs)]
        self.state = {"seed": generator.randrange(1, 1 << 32), "accumulator": generator.randrange(1 << 16)}
        self.model = Model(shape, bits, counters, **self.state)
        self.dut = dut = HiddenWeights(
            shape,
            bits,
            counters=memory_words(shape, bits, counters),
            single_port=single_port,
            sweeps=sweeps,
            **self.state,
        )
        self.bench = b = bench(dut, seed)
        b.set(dut.rate, rate)
        self.words = [self._input_words(activations) for activations, _, _ in samples] or [[0] * shape.words]
        self.records = b.memory(dut.inputs, self.words)
        self.plane, self.done, self.rows, self.settled, self.sweeping = {}, [], 0, 0, 1
        self.finished = False
        when = when or (None if not wait else lambda: not self.sweeping)
        self.winners = b.source(dut.winners, beats(samples, generator, self._row, together), stall, when=when)
        self.loads = b.source(dut.transfer.loads, loads, stall)
        self.dumps = b.sink(dut.transfer.dumps, stall)
        b.watch([dut.sign_write, dut.sign_bank, dut.sign_address, dut.sign_data], self._write_sign)
        b.watch([dut.done, dut.row_updated, dut.settled, dut.sweeping], self._observe)

    def _row(self, j):
        return {"group": j // self.shape.rows, "bank": j % self.shape.rows}

    def _input_words(self, activations):
        columns = self.shape.columns
        return [
            sum(bit << lane for lane, bit in enumerate(activations[at : at + columns]))
            for at in range(0, self.shape.words * columns, columns)
        ]

    def _write_sign(self, write, bank, address, word):
        if write:
            group, at = divmod(address, self.shape.words)
            self.plane[group * self.shape.rows + bank, at] = word

    def _observe(self, done, row, settled, sweeping):
        if done:
            self.done.append(self.bench.cycle)
        self.rows += row
        self.settled, self.sweeping = settled, sweeping

    def expected_plane(self):
        shape = self.shape
        plane = {}
        for j in range(shape.outputs):
            signs = [int(c >= 0) for c in self.model.c[j]]
            signs += [1] * (shape.words * shape.columns - shape.inputs)
            for at in range(shape.words):
                word = signs[at * shape.columns : (at + 1) * shape.columns]
                plane[j, at] = sum(bit << lane for lane, bit in enumerate(word))
        return plane

    async def transfer(self, ctx, signal):
        ctx.set(signal, 1)
        await ctx.tick()
        ctx.set(signal, 0)
        while ctx.get(self.dut.transfer.busy):
            await ctx.tick()

    async def until(self, ctx, condition):
        for _ in range(60_000):
            if condition():
                return
            await ctx.tick()
        raise AssertionError("nothing more happens")

    async def teach(self, ctx):
        """All samples; what must hold afterwards."""
        await self.until(ctx, lambda: len(self.done) == len(self.samples))
        await ctx.tick().repeat(2)
        await self.until(ctx, lambda: self.settled and not self.sweeping)
        events = sum(self.model.sample(*sample, self.rate) for sample in self.samples)
        assert self.records[0] == len(self.samples)
        assert self.rows == sum(len(winners) for _, winners, _ in self.samples)
        assert self.plane == self.expected_plane()
        assert ctx.get(self.dut.generator) == self.model.u
        assert ctx.get(self.dut.accumulator) == self.model.accumulator
        return events

    async def dump(self, ctx):
        self.dumps.beats.clear()
        await self.transfer(ctx, self.dut.transfer.dump)
        await ctx.tick().repeat(2)
        assert self.dumps.beats == [c for row in self.model.c for c in row]

    def run(self, *steps):
        async def process(ctx):
            for step in steps:
                await step(ctx)
            self.finished = True

        self.bench.process(process)
        self.bench.run(lambda: self.finished, limit=100_000)


def random_samples(generator, shape, count, most=3):
    for _ in range(count):
        learn = generator.random() < 0.8
        number = generator.choice([0, 1, min(most, shape.outputs)]) if learn else 0
        winners = [(j, generator.randrange(2)) for j in sorted(generator.sample(range(shape.outputs), number))]
        yield [generator.randrange(2) for _ in range(shape.inputs)], winners, learn


@pytest.mark.parametrize(
    ("size", "rate", "single_port", "stall"), list(AllPairs([SHAPES, [0, 0x8123, 0x38000], [False, True], [0.0, 0.5]]))
)
def test_samples_in_order(bench, size, single_port, stall, rate):
    """Rows, then events, of every sample in turn; counters, signs, generator and accumulator come out right."""
    shape = LayerShape(0, *size)
    samples = list(random_samples(random.Random(rate), shape, 40))
    setup = Setup(bench, shape, 3, samples, single_port=single_port, seed=sum(size), rate=rate, stall=stall)
    setup.run(setup.teach, setup.dump)
    assert setup.plane == setup.expected_plane()


@st.composite
def cases(draw):
    update, chunks = draw(st.sampled_from([1, 2, 3, 4, 5, 6, 8, 12, 16])), draw(st.integers(1, 3))
    rows = draw(st.integers(1, 4))
    inputs, outputs, burst = draw(st.integers(1, 24)), draw(st.integers(1, 6)), draw(st.sampled_from([1, 2, 4, 8, 16]))
    shape = LayerShape(0, inputs, outputs, rows, update * chunks, update, burst=burst)
    options = {
        "single_port": draw(st.booleans()),
        "seed": draw(st.integers(0, 1000)),
        "rate": draw(st.sampled_from([0, 0x4000, 0x10000, 0x2ABCD])),
        "stall": draw(st.sampled_from([0.0, 0.3])),
        "wait": draw(st.booleans()),
    }
    return shape, draw(st.integers(2, 16)), options


@settings(max_examples=16)
@given(cases())
def test_every_shape(bench, case):
    shape, bits, options = case
    samples = list(random_samples(random.Random(options["seed"]), shape, 20))
    setup = Setup(bench, shape, bits, samples, **options)
    setup.run(setup.teach, setup.dump)


@pytest.mark.parametrize(
    ("size", "single_port", "stall", "late"), list(AllPairs([SHAPES, [False, True], [0.0, 0.5], [False, True]]))
)
def test_loads_are_dumped_and_shown(bench, size, single_port, stall, late):
    """Also when the load comes during the first sweep."""
    shape = LayerShape(0, *size)
    generator = random.Random(4)
    values = [[generator.randrange(-8, 8) for _ in range(shape.inputs)] for _ in range(shape.outputs)]
    setup = Setup(bench, shape, 4, [], single_port=single_port, stall=stall, loads=[c for row in values for c in row])

    async def load(ctx):
        if late:
            await setup.until(ctx, lambda: setup.settled and not setup.sweeping)
        await setup.transfer(ctx, setup.dut.transfer.load)
        await ctx.tick()
        assert setup.sweeping
        setup.model.c = values
        await setup.until(ctx, lambda: not setup.sweeping)
        assert setup.plane == setup.expected_plane()

    setup.run(load, setup.dump, setup.dump)


def test_a_transfer_makes_winners_wait(bench):
    """Even a transfer in the middle of samples loses nothing."""
    shape = LayerShape(0, 5, 3, 2, 4, 2)
    samples = list(random_samples(random.Random(1), shape, 60))
    setup = Setup(bench, shape, 4, samples, rate=0x14000)

    async def dumps(ctx):
        for _ in range(3):
            await setup.until(ctx, lambda: len(setup.done) > 3)
            await setup.transfer(ctx, setup.dut.transfer.dump)
            await ctx.tick().repeat(7)

    setup.run(dumps, setup.teach, setup.dump)


def test_state_can_be_set(bench):
    shape = LayerShape(0, 5, 3, 2, 4, 2)
    setup = Setup(bench, shape, 4, list(random_samples(random.Random(1), shape, 10)), rate=0x18000)
    dut = setup.dut

    async def change(ctx):
        for name, value in (("generator", 0xDEADBEEF), ("accumulator", 0x1234)):
            ctx.set(dut.set_data, value)
            ctx.set(getattr(dut, f"{name}_set"), 1)
            await ctx.tick()
            ctx.set(getattr(dut, f"{name}_set"), 0)
        setup.model.u, setup.model.accumulator = 0xDEADBEEF, 0x1234

    setup.run(change, setup.teach)


@pytest.mark.parametrize(("size", "single_port", "stall"), list(AllPairs([SHAPES, [False, True], [0.0, 0.5]])))
def test_the_plane_is_written_anew_after_each_swap(bench, size, single_port, stall):
    """Behind the winners of the next batch, which may be empty; a load in the middle comes out right, too."""
    shape, generator = LayerShape(0, *size), random.Random(5)
    batches, allowed = [3, 0, 0, 5, 1, 1], [0]
    samples = list(random_samples(generator, shape, sum(batches)))
    values = [[generator.randrange(-4, 4) for _ in range(shape.inputs)] for _ in range(shape.outputs)]
    setup = Setup(
        bench,
        shape,
        3,
        samples,
        single_port=single_port,
        stall=stall,
        rate=0x14000,
        together=0.0,
        sweeps=True,
        loads=[c for row in values for c in row],
        when=lambda: len(setup.winners.taken) < allowed[0],
    )
    dut, first = setup.dut, 0

    async def swap(ctx):
        ctx.set(dut.swap, 1)
        await ctx.tick()
        ctx.set(dut.swap, 0)
        setup.plane.clear()
        assert not ctx.get(dut.settled)
        assert not ctx.get(dut.sweeping)

    async def script(ctx):
        nonlocal first
        await setup.until(ctx, lambda: setup.settled and not setup.sweeping)
        for number, count in enumerate(batches):
            await swap(ctx)
            if number == 2:
                await setup.transfer(ctx, dut.transfer.load)
                await ctx.tick()
                assert setup.sweeping
                setup.model.c = values
                await setup.until(ctx, lambda: not setup.sweeping)
            batch = samples[first : first + count]
            first += count
            allowed[0] += sum(len(winners) + 1 for _, winners, _ in batch)
            await setup.until(ctx, lambda total=first: len(setup.done) == total)
            await setup.bench.wait(ctx, 2)
            await setup.until(ctx, lambda: setup.settled)
            assert not setup.sweeping
            for sample in batch:
                setup.model.sample(*sample, setup.rate)
            assert setup.plane == setup.expected_plane()
            assert ctx.get(dut.generator) == setup.model.u

    setup.run(script, setup.dump)


def test_a_swap_is_nothing_without_sweeps(bench):
    shape = LayerShape(0, 5, 3, 2, 4, 2)
    setup = Setup(bench, shape, 3, [])

    async def script(ctx):
        await setup.until(ctx, lambda: setup.settled and not setup.sweeping)
        setup.plane.clear()
        ctx.set(setup.dut.swap, 1)
        for _ in range(50):
            await ctx.tick()
            assert setup.settled
        assert not setup.plane

    setup.run(script)


def time_samples(bench, shape, samples, **options):
    """Cycles from each sample's `done` to the next one's, when all are there as soon as they are wanted."""
    setup = Setup(bench, shape, 8, samples, **options)
    setup.run(setup.teach)
    return [later - earlier for earlier, later in pairwise(setup.done)]


def rows_in_turn(shape, count, winners):
    """Samples whose rows are not those of the sample before."""
    rows = itertools.cycle(range(shape.outputs))
    for _ in range(count):
        yield [0] * shape.inputs, [(next(rows), 1) for _ in range(winners)], 1


@pytest.mark.parametrize("size", [(40, 8, 2, 20, 5), (20, 8, 2, 4, 4), (4, 8, 2, 4, 4)])
@pytest.mark.parametrize("winners", [1, 2, 4])
def test_rows_back_to_back(bench, size, winners):
    """No cycle between rows nor between samples, but that it takes three until a sample is known to have no events."""
    shape = LayerShape(0, *size)
    periods = time_samples(bench, shape, list(rows_in_turn(shape, 20, winners)), together=1.0)
    assert set(periods) == {max(winners * shape.row_chunks, 3)}


@pytest.mark.parametrize("winners", [1, 3])
def test_an_end_that_comes_alone_takes_a_cycle(bench, winners):
    shape = LayerShape(0, 20, 8, 2, 4, 4)
    periods = time_samples(bench, shape, list(rows_in_turn(shape, 20, winners)), together=0.0)
    assert set(periods) == {winners * shape.row_chunks + 1}


def test_samples_without_winners_follow_each_other(bench):
    shape = LayerShape(0, 20, 8, 2, 4, 4)
    assert set(time_samples(bench, shape, [([0] * 20, [], 0)] * 20)) == {1}


@pytest.mark.parametrize("together", [0.0, 1.0])
def test_events_take_a_cycle_each(bench, together):
    """Prepared while the rows are updated, they follow at once."""
    shape = LayerShape(0, 200, 60, 2, 40, 10)
    periods = time_samples(bench, shape, list(rows_in_turn(shape, 20, 2)), together=together, rate=3 << 16, seed=3)
    assert set(periods) == {2 * shape.row_chunks + 3}


@pytest.mark.parametrize(
    ("update", "burst", "single_port", "words"),
    [(8, 8, False, 1), (8, 2, True, 1), (4, 16, False, 4), (2, 4, True, 2)],
)
def test_bursts_take_a_cycle_a_word(bench, update, burst, single_port, words):
    shape = LayerShape(0, 128, 30, 2, 16, update, burst=burst)
    samples = list(rows_in_turn(shape, 6, 1))
    periods = time_samples(bench, shape, samples, single_port=single_port, together=1.0, rate=3 << 16, seed=11)
    assert set(periods) == {(shape.row_chunks + 3 * words) * (2 if single_port else 1)}


def test_a_word_takes_two_cycles_with_a_single_port(bench):
    shape = LayerShape(0, 40, 8, 2, 20, 5)
    periods = time_samples(bench, shape, list(rows_in_turn(shape, 20, 2)), together=1.0, single_port=True)
    assert set(periods) == {2 * 2 * shape.row_chunks}


def test_a_word_in_use_waits_for_its_result(bench):
    """The same word every time: 5 cycles from its being read to its being written."""
    shape = LayerShape(0, 4, 1, 1, 4, 4)
    samples = [([1, 0, 1, 1], [(0, 1)], 1)] * 20
    periods = time_samples(bench, shape, samples, together=1.0)
    assert abs(sum(periods) - 5 * len(periods)) <= 4
