"""The counters' read-modify-write pipeline against lists of integers."""

import pytest

from bephw.rtl_gen.compact.counter_memory import CounterMemory, Operation
from bephw.shape import LayerShape

SHAPES = [  # inputs, outputs, rows, columns, update_columns
    (5, 3, 2, 4, 2),
    (4, 2, 1, 4, 4),
    (7, 3, 3, 6, 2),
    (3, 4, 2, 1, 1),
    (1, 1, 1, 1, 1),
]


class Model:
    """Rows of integers, padding included, and what every operation shows."""

    def __init__(self, shape, bits, activations):
        self.shape, self.activations = shape, activations
        self.low, self.high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        self.width = shape.update_columns
        self.words = [[0] * self.width for _ in range(shape.counter_words)]
        self.dumps, self.signs = [], []

    def _step(self, word, lane, up):
        value = self.words[word][lane] + (1 if up else -1)
        self.words[word][lane] = min(max(value, self.low), self.high)

    def apply(self, operation):
        kind, word, lane = operation["kind"], operation["word"], operation.get("lane", 0)
        if kind is Operation.LOAD:
            value = operation["value"]
            self.words[word][lane] = value - 2 * (self.high + 1) if value > self.high else value
        elif kind is Operation.REINFORCE:
            self._step(word, lane, self.words[word][lane] >= 0)
        elif kind is Operation.DUMP:
            self.dumps.append(self.words[word][lane])
        elif kind is Operation.UPDATE:
            bits = self.activations[operation["column_word"]] >> (operation["chunk"] * self.width)
            for index in range(self.width):
                self._step(word, index, (bits >> index) & 1 == operation["desired"])
        if kind in (Operation.UPDATE, Operation.REFRESH) and operation["chunk"] == self.shape.chunks - 1:
            self._show_signs(operation)

    def _show_signs(self, operation):
        first = operation["word"] - self.shape.chunks + 1
        counters = [c for word in self.words[first : first + self.shape.chunks] for c in word]
        signs = sum((counter >= 0) << lane for lane, counter in enumerate(counters))
        self.signs.append((operation["bank"], operation["plane"], signs))


def row_operations(shape, kind, output, desired):
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


def random_operations(generator, shape, bits, count):
    """Rows, single counters, and runs of operations on one word, in any order."""
    for _ in range(count):
        kind = generator.choice(list(Operation))
        word, lane = generator.randrange(shape.counter_words), generator.randrange(shape.update_columns)
        if kind in (Operation.UPDATE, Operation.REFRESH):
            output = generator.randrange(shape.outputs)
            for _ in range(generator.choice([1, 1, 3])):
                yield from row_operations(shape, kind, output, generator.randrange(2))
            continue
        for _ in range(generator.choice([1, 1, 4])):
            yield {"kind": kind, "word": word, "lane": lane, "value": generator.getrandbits(bits)}
            if generator.random() < 0.5:
                kind = generator.choice([Operation.LOAD, Operation.REINFORCE, Operation.DUMP])


def every_counter(shape, kind, value=lambda: 0):
    for word in range(shape.counter_words):
        for lane in range(shape.update_columns):
            yield {"kind": kind, "word": word, "lane": lane, "value": value()}


class Setup:
    def __init__(self, bench, shape, bits, *, init=(), single_port=False, seed=0):
        self.dut = dut = CounterMemory(shape, bits, init, single_port=single_port)
        self.bench = b = bench(dut, seed)
        self.activations = [b.random.getrandbits(shape.columns) for _ in range(shape.words)]
        self.model = Model(shape, bits, self.activations)
        b.memory(dut.inputs, [self.activations])
        self.dumps, self.dump_cycles, self.signs = [], [], []
        b.watch([dut.dump_valid, dut.dumped], self._dump)
        b.watch([dut.sign_write, dut.sign_bank, dut.sign_plane, dut.sign_data], self._sign)

    def _dump(self, valid, value):
        if valid:
            self.dumps.append(value)
            self.dump_cycles.append(self.bench.cycle)

    def _sign(self, write, bank, plane, word):
        if write:
            self.signs.append((bank, plane, word))

    def run(self, operations, stall=0.0):
        operations = list(operations)
        for operation in operations:
            self.model.apply(operation)
        source = self.bench.source(self.dut.operations, operations, stall)
        idle = [0]
        self.bench.watch([self.dut.idle], lambda value: idle.__setitem__(0, value))
        self.bench.run(lambda: source.exhausted and self.bench.cycle > source.taken[-1] + 1 and idle[0])
        assert self.dumps == self.model.dumps
        assert self.signs == self.model.signs
        return source


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("bits", [2, 4])
@pytest.mark.parametrize("single_port", [False, True])
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_operations_in_order(bench, size, bits, single_port, stall):
    inputs, outputs, rows, columns, update = size
    shape = LayerShape(0, inputs, outputs, rows, columns, update)
    setup = Setup(bench, shape, bits, single_port=single_port, seed=inputs * bits)
    generator = setup.bench.random
    operations = [*every_counter(shape, Operation.LOAD, lambda: generator.getrandbits(bits))]
    operations += random_operations(generator, shape, bits, 80)
    operations += every_counter(shape, Operation.DUMP)
    setup.run(operations, stall)
    assert len(setup.signs) > 20


@pytest.mark.parametrize("single_port", [False, True])
@pytest.mark.parametrize("kind", [Operation.UPDATE, Operation.REINFORCE])
def test_a_counter_saturates_at_both_ends(bench, single_port, kind):
    """The same word many times in a row: every step sees the one before it."""
    shape = LayerShape(0, 2, 1, 1, 2, 2)
    setup = Setup(bench, shape, 3, single_port=single_port)
    operations = [{"kind": Operation.LOAD, "word": 0, "lane": lane, "value": value} for lane, value in ((0, 0), (1, 7))]
    dump = [{"kind": Operation.DUMP, "word": 0, "lane": lane} for lane in (0, 1)]
    for desired in (0, 1) if kind is Operation.UPDATE else (0,):
        for _ in range(9):
            if kind is Operation.UPDATE:
                operations += [*row_operations(shape, kind, 0, desired), *dump]
            else:
                operations += [{"kind": kind, "word": 0, "lane": lane} for lane in (0, 1)] + dump
    setup.run(operations)
    assert {-4, 3} <= set(setup.dumps)


def test_initial_content(bench):
    shape = LayerShape(0, 6, 2, 1, 3, 3)
    rows = [[-4, 3, 0, -1, 2, 1], [1, 1, -2, -3, 0, 3]]
    words = [
        sum((counter & 7) << (3 * lane) for lane, counter in enumerate(row[at : at + 3]))
        for row in rows
        for at in (0, 3)
    ]
    setup = Setup(bench, shape, 3, init=words)
    setup.model.words = [row[at : at + 3] for row in rows for at in (0, 3)]
    setup.run(every_counter(shape, Operation.DUMP))
    assert setup.dumps == rows[0] + rows[1]


def test_latency_and_throughput(bench):
    """A dump shows 4 cycles after it was taken; operations on different words pass one a cycle."""
    shape = LayerShape(0, 16, 4, 1, 4, 2)
    setup = Setup(bench, shape, 4)
    rows = [operation for output in range(4) for operation in row_operations(shape, Operation.UPDATE, output, 1)]
    source = setup.run([*rows, *every_counter(shape, Operation.DUMP)])
    assert source.taken == list(range(source.taken[0], source.taken[0] + len(source.taken)))
    assert setup.dump_cycles == [cycle + 4 for cycle in source.taken[len(rows) :]]


def test_an_update_takes_two_cycles_a_word_with_a_single_port(bench):
    shape = LayerShape(0, 40, 4, 1, 4, 2)
    setup = Setup(bench, shape, 4, single_port=True)
    rows = [operation for output in range(4) for operation in row_operations(shape, Operation.UPDATE, output, 1)]
    source = setup.run(rows)
    cycles = source.taken[-1] - source.taken[0]
    assert len(rows) <= cycles <= 2 * len(rows)


@pytest.mark.parametrize("single_port", [False, True])
def test_settled_and_idle(bench, single_port):
    """`settled`: nothing taken waits for its turn; `idle`: and nothing is on its way."""
    shape = LayerShape(0, 4, 2, 1, 4, 2)
    setup = Setup(bench, shape, 4, single_port=single_port, seed=5)
    dut, taken, seen = setup.dut, [0], [0]
    states = set()

    def check(valid, ready, settled, idle, dumped):
        assert settled or not idle
        assert not (idle and dumped)
        if idle:
            assert taken[0] == seen[0], "idle with a dump on its way"
        if not settled:
            assert taken[0] > seen[0]
        taken[0] += valid and ready
        seen[0] += dumped
        states.add((settled, idle))

    b = setup.bench
    b.watch([dut.operations.valid, dut.operations.ready, dut.settled, dut.idle, dut.dump_valid], check)
    dumps = [{"kind": Operation.DUMP, "word": b.random.randrange(4), "lane": 0} for _ in range(60)]
    setup.run(dumps, 0.8)
    assert states == {(0, 0), (1, 0), (1, 1)}
