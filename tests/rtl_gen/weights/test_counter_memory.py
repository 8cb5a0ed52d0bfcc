"""The counters' read-modify-write pipeline against lists of integers."""

import random

import pytest
from allpairspy import AllPairs

from bephw.rtl_gen.weights.counter_memory import CounterMemory, Operation
from bephw.rtl_gen.weights.single_port_counters import SinglePortCounterMemory
from bephw.shape import LayerShape

SHAPES = [  # inputs, outputs, rows, columns, update_columns
    (5, 3, 2, 4, 2),
    (4, 2, 1, 4, 4),
    (7, 3, 3, 6, 2),
    (3, 4, 2, 1, 1),
    (1, 1, 1, 1, 1),
]
BURSTS = [  # update_columns, of which a burst takes a part, or all of one or more words; or it lies across words
    (12, 2),
    (12, 4),
    (16, 8),
    (4, 4),
    (4, 16),
    (1, 8),
    (5, 4),
    (6, 16),
    (10, 4),
]


class Model:
    """Rows of integers, padding included, and what every operation shows."""

    def __init__(self, shape, bits, words, activations):
        self.shape, self.activations = shape, activations
        self.low, self.high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        self.width = shape.update_columns
        self.words = [list(word) for word in words]
        self.signs = []
        self.sample = 0

    def _step(self, word, lane, up):
        value = self.words[word][lane] + (1 if up else -1)
        self.words[word][lane] = min(max(value, self.low), self.high)

    def apply(self, operation):
        kind, word, lane = operation["kind"], operation["word"], operation.get("lane", 0)
        if kind is Operation.REINFORCE:
            for index in range(max(lane, 0), min(lane + self.shape.burst, self.width)):
                self._step(word, index, self.words[word][index] >= 0)
        elif kind is Operation.UPDATE:
            bits = self.activations[self.sample][operation["column_word"]] >> (operation["chunk"] * self.width)
            for index in range(self.width):
                self._step(word, index, (bits >> index) & 1 == operation["desired"])
        if kind in (Operation.UPDATE, Operation.REFRESH) and operation["chunk"] == self.shape.chunks - 1:
            self._show_signs(operation)
        self.sample += operation.get("end", 0)

    def _show_signs(self, operation):
        shape = self.shape
        first = operation["word"] - shape.chunks + 1
        counters = [c for word in self.words[first : first + shape.chunks] for c in word]
        inputs = range(operation["column_word"] * shape.columns, shape.inputs)
        signs = sum((counter >= 0 or lane >= len(inputs)) << lane for lane, counter in enumerate(counters))
        self.signs.append((operation["bank"], operation["plane"], signs))


def row_operations(shape, kind, output, desired=0):
    for chunk in range(shape.row_chunks):
        yield {
            "kind": kind,
            "word": output * shape.row_chunks + chunk,
            "desired": desired,
            "chunk": chunk % shape.chunks,
            "column_word": chunk // shape.chunks,
            "plane": output // shape.rows * shape.words + chunk // shape.chunks,
            "bank": output % shape.rows,
        }


def random_operations(generator, shape, count):
    """Rows, single counters, ends of samples, and runs of operations on one word, in any order."""
    for _ in range(count):
        kind = generator.choice([Operation.UPDATE, Operation.REFRESH, Operation.REINFORCE, Operation.NOTHING])
        word, lane = generator.randrange(shape.counter_words), generator.choice(shape.burst_begins)
        if kind in (Operation.UPDATE, Operation.REFRESH):
            output = generator.randrange(shape.outputs)
            for _ in range(generator.choice([1, 1, 3])):
                yield from row_operations(shape, kind, output, generator.randrange(2))
            continue
        for _ in range(generator.choice([1, 1, 4])):
            yield {"kind": kind, "word": word, "lane": lane, "end": generator.randrange(2)}


class Setup:
    """The memory with an activation record for each sample."""

    def __init__(self, bench, shape, bits, *, single_port=False, seed=0, samples=1):
        self.shape, self.bits = shape, bits
        generator = random.Random(seed)
        low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        self.words = [
            [
                low if single_port else generator.choice([low, high, 0, -1, generator.randint(low, high)])
                for _ in range(w)
            ]
            for w in [shape.update_columns] * shape.counter_words
        ]
        init = [sum((c % (1 << bits)) << (bits * lane) for lane, c in enumerate(word)) for word in self.words]
        self.dut = dut = SinglePortCounterMemory(shape, bits) if single_port else CounterMemory(shape, bits, init)
        self.bench = b = bench(dut, seed)
        self.activations = [
            [b.random.getrandbits(shape.columns) for _ in range(shape.words)] for _ in range(samples + 1)
        ]
        self.model = Model(shape, bits, self.words, self.activations)
        self.records = b.memory(dut.inputs, self.activations)
        self.signs, self.sign_cycles, self.done = [], [], []
        b.watch([dut.sign_write, dut.sign_bank, dut.sign_address, dut.sign_data, dut.sample_done], self._observe)

    def _observe(self, write, bank, address, word, done):
        if write:
            self.signs.append((bank, address, word))
            self.sign_cycles.append(self.bench.cycle)
        if done:
            self.done.append(self.bench.cycle)
            assert self.records[0] >= len(self.done), "done before the inputs were given up"

    def run(self, operations, stall=0.0):
        """All operations, then every word is fetched and shifted out."""
        operations = list(operations)
        for operation in operations:
            self.model.apply(operation)
        b, dut, finished = self.bench, self.dut, []
        source = b.source(dut.operations, operations, stall)
        words = []

        async def process(ctx):
            while not source.exhausted:
                await ctx.tick()
            await self._until_idle(ctx)
            for word in range(self.shape.counter_words):
                words.append(await self.fetch(ctx, word))
            finished.append(1)

        b.process(process)
        b.run(lambda: finished)
        assert words == self.model.words
        assert self.signs == self.model.signs
        ends = sum(operation.get("end", 0) for operation in operations)
        assert len(self.done) == self.records[0] == ends
        return source

    async def _until_idle(self, ctx):
        while not ctx.get(self.dut.idle):
            await ctx.tick()

    async def operate(self, ctx, operation):
        """One operation, from start to end, when nothing else is on its way."""
        ctx.set(self.dut.operations.payload, operation)
        ctx.set(self.dut.operations.valid, 1)
        ready = 0
        while not ready:
            _, _, ready = await ctx.tick().sample(self.dut.operations.ready)
        ctx.set(self.dut.operations.valid, 0)
        await self._until_idle(ctx)

    async def shift(self, ctx, value=0):
        seen = ctx.get(self.dut.counter)
        ctx.set(self.dut.shift, 1)
        ctx.set(self.dut.value, value)
        await ctx.tick()
        ctx.set(self.dut.shift, 0)
        ctx.set(self.dut.value, 0)
        await ctx.tick()
        return seen

    async def fetch(self, ctx, word):
        await self.operate(ctx, {"kind": Operation.FETCH, "word": word})
        return [await self.shift(ctx) for _ in range(self.shape.update_columns)]


@pytest.mark.parametrize(
    ("size", "bits", "single_port", "stall"), list(AllPairs([SHAPES, [2, 4], [False, True], [0.0, 0.5]]))
)
def test_operations_in_order(bench, size, bits, single_port, stall):
    shape = LayerShape(0, *size)
    setup = Setup(bench, shape, bits, single_port=single_port, seed=bits, samples=200)
    setup.run(random_operations(setup.bench.random, shape, 120), stall)
    assert len(setup.signs) > 20


@pytest.mark.parametrize("single_port", [False, True])
@pytest.mark.parametrize(("width", "burst"), BURSTS)
def test_bursts(bench, width, burst, single_port):
    """Every place at which one may begin; a row's padding is stepped with it, or not: nobody can tell."""
    shape = LayerShape(0, 3 * width - 1, 2, 1, width, width, burst=burst)
    setup = Setup(bench, shape, 3, single_port=single_port, samples=100)
    everywhere = [{"kind": Operation.REINFORCE, "word": 1, "lane": lane} for lane in shape.burst_begins]
    setup.run([*everywhere, *random_operations(setup.bench.random, shape, 60)])


@pytest.mark.parametrize("single_port", [False, True])
@pytest.mark.parametrize("bits", [2, 3, 8])
def test_words_are_stored_and_fetched(bench, bits, single_port):
    shape = LayerShape(0, 7, 3, 3, 6, 3)
    setup, finished = Setup(bench, shape, bits, single_port=single_port), []
    generator = setup.bench.random
    values = [
        [generator.randrange(-(1 << (bits - 1)), 1 << (bits - 1)) for _ in range(3)] for _ in range(shape.counter_words)
    ]

    async def script(ctx):
        for word, counters in enumerate(values):
            for value in counters[:-1]:
                await setup.shift(ctx, value)
                await setup.bench.wait(ctx, generator.randrange(2))
            ctx.set(setup.dut.value, counters[-1])
            await setup.operate(ctx, {"kind": Operation.STORE, "word": word})
        for word in generator.sample(range(shape.counter_words), shape.counter_words):
            assert await setup.fetch(ctx, word) == values[word]
        finished.append(1)

    setup.bench.process(script)
    setup.bench.run(lambda: finished)
    assert not setup.signs


@pytest.mark.parametrize("bits", [2, 3, 5])
@pytest.mark.parametrize("kind", [Operation.UPDATE, Operation.REINFORCE])
def test_a_counter_saturates_at_both_ends(bench, bits, kind):
    """The same word many times in a row: every step sees the one before it."""
    shape = LayerShape(0, 4, 1, 1, 4, 4)
    for desired in (0, 1):
        setup = Setup(bench, shape, bits, seed=desired)
        operations = list(row_operations(shape, kind, 0, desired))
        if kind is Operation.REINFORCE:
            operations = [{"kind": kind, "word": 0, "lane": lane} for lane in range(4)]
        setup.run(operations * (1 << bits))
        assert set(setup.model.words[0]) <= {setup.model.low, setup.model.high}


def test_latency_and_throughput(bench):
    """Operations on different words pass one a cycle; a word's signs show 8 cycles after its last chunk was taken."""
    shape = LayerShape(0, 16, 4, 1, 4, 2)
    setup = Setup(bench, shape, 4)
    rows = [operation for output in range(4) for operation in row_operations(shape, Operation.UPDATE, output, 1)]
    source = setup.run(rows)
    assert source.taken == list(range(source.taken[0], source.taken[0] + len(rows)))
    assert setup.sign_cycles == [cycle + 8 for cycle in source.taken[1::2]]


@pytest.mark.parametrize("others", range(7))
def test_a_word_that_is_being_changed_waits_exactly_until_it_is_written(bench, others):
    """Two steps on one word are issued 5 cycles apart, or later if there are others between them."""
    shape = LayerShape(0, 8, 2, 1, 8, 1)
    setup = Setup(bench, shape, 4, samples=30)
    words = [3, *range(8, 8 + others), 3]
    setup.run([{"kind": Operation.REINFORCE, "word": word, "lane": 0, "end": 1} for word in words])
    assert setup.done[-1] - setup.done[0] == max(5, others + 1)


def test_reading_does_not_make_a_word_wait(bench):
    shape = LayerShape(0, 4, 1, 1, 4, 4)
    setup = Setup(bench, shape, 4, samples=30)
    setup.run([{**operation, "end": 1} for operation in row_operations(shape, Operation.REFRESH, 0)] * 10)
    assert setup.done[-1] - setup.done[0] == 9


def test_a_change_takes_two_cycles_with_a_single_port(bench):
    shape = LayerShape(0, 40, 4, 1, 4, 2)
    setup = Setup(bench, shape, 4, single_port=True)
    rows = [operation for output in range(4) for operation in row_operations(shape, Operation.UPDATE, output, 1)]
    source = setup.run(rows)
    cycles = source.taken[-1] - source.taken[0] + 1
    assert cycles == 2 * len(rows) - 1
