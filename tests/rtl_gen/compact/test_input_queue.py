"""The inputs of a layer: nothing lost, nothing overwritten, whatever the pace of the readers."""

import pytest

from bephw.rtl_gen.compact.input_queue import AHEAD, InputQueue
from bephw.shape import LayerShape


def make_chunks(vectors, tags, length, width):
    count = -(-length // width)
    for vector, tag in zip(vectors, tags, strict=True):
        for index in range(count):
            bits = (vector >> index * width) & ((1 << width) - 1)
            yield {"data": bits, "last": index == count - 1, "tag": tag}


class Readers:
    """Every reader checks every vector. Those behind the first follow it; `pace` is their probability to pause."""

    def __init__(self, b, dut, shape, vectors, tags, paces):
        self.done = [0] * len(paces)
        self.started = [0] * len(paces)
        for number, pace in enumerate(paces):
            b.process(self._reader(b, dut, number, pace, shape, vectors, tags))

    def _reader(self, b, dut, number, pace, shape, vectors, tags):
        port = getattr(dut, f"reader_{number}")

        def ready(ctx, position):
            if b.random.random() < pace():
                return False
            return ctx.get(dut.available) if number == 0 else self.done[0] > position

        async def process(ctx):
            for position, vector in enumerate(vectors):
                while not ready(ctx, position):
                    await ctx.tick()
                self.started[number] += 1
                word = 0
                for index in range(shape.words):
                    if number == 0:
                        assert ctx.get(dut.available)
                        assert ctx.get(dut.tag.label) == tags[position]["label"]
                        assert ctx.get(dut.tag.learn) == tags[position]["learn"]
                    ctx.set(port.index, index)
                    ctx.set(port.read, 1)
                    ctx.set(port.done, index == shape.words - 1)
                    await ctx.tick()
                    ctx.set(port.read, 0)
                    ctx.set(port.done, 0)
                    word |= ctx.get(port.data) << index * shape.columns
                self.done[number] += 1
                assert word & ((1 << shape.inputs) - 1) == vector, f"reader {number}, sample {position}"

        return process


def build(bench, shape, width, slots, paces, count=30, stall=0.0, seed=0):
    dut = InputQueue(shape, width, 5, slots, len(paces))
    b = bench(dut, seed)
    vectors = [b.random.getrandbits(shape.inputs) for _ in range(count)]
    tags = [{"label": b.random.randrange(5), "learn": b.random.randrange(2)} for _ in range(count)]
    source = b.source(dut.chunks, make_chunks(vectors, tags, shape.inputs, width), stall)
    return b, source, Readers(b, dut, shape, vectors, tags, paces)


def constant(pace):
    return lambda: pace


@pytest.mark.parametrize(("inputs", "columns", "width"), [(13, 4, 2), (9, 4, 3), (6, 8, 8), (5, 2, 16)])
@pytest.mark.parametrize("slots", [1, 3, 8])
@pytest.mark.parametrize(
    ("paces", "stall"), [((0.0, 0.0), 0.0), ((0.0, 0.9), 0.0), ((0.9, 0.3, 0.8), 0.2), ((0.1, 0.9, 0.2), 0.0)]
)
def test_nothing_is_lost(bench, inputs, columns, width, slots, paces, stall):
    shape = LayerShape(0, inputs, 4, 2, columns, 1)
    b, _, readers = build(
        bench, shape, width, slots, [constant(p) for p in paces], 12, stall=stall, seed=inputs + slots
    )
    b.run(lambda: min(readers.done) == 12)


def test_a_single_reader(bench):
    """The classifier's use: the forward pass is the only reader."""
    shape = LayerShape(0, 7, 4, 2, 2, 1)
    b, _, readers = build(bench, shape, 3, AHEAD, [constant(0.5)])
    b.run(lambda: readers.done == [30])


@pytest.mark.parametrize("slots", [2, 3, 5])
@pytest.mark.parametrize("last_reader", [1, 2])
def test_full_slots_stop_the_input(bench, slots, last_reader):
    """While one reader stands still, the others and the input go as far as there are slots, and no further."""
    shape = LayerShape(0, 8, 4, 2, 4, 1)
    still = [True]
    paces = [constant(0.0)] * 3
    paces[last_reader] = lambda: 1.0 if still[0] else 0.0
    b, source, readers = build(bench, shape, 4, slots, paces)
    seen = []

    async def wait(ctx):
        await b.wait(ctx, 300)
        seen.append((len(source.taken), list(readers.done)))
        still[0] = False

    b.process(wait)
    b.run(lambda: min(readers.done) == 30)
    taken, done = seen[0]
    assert done[0] == slots, "the forward pass goes on while there are slots"
    assert done[last_reader] == 0
    # One word more may wait in the gearbox.
    assert slots * 2 <= taken <= slots * 2 + 1


def test_samples_wait_ahead_of_the_forward_pass(bench):
    shape = LayerShape(0, 8, 4, 2, 4, 1)
    still = [True]
    b, source, readers = build(bench, shape, 4, 8, [lambda: 1.0 if still[0] else 0.0, constant(0.0)])
    seen = []

    async def wait(ctx):
        await b.wait(ctx, 100)
        seen.append(len(source.taken))
        still[0] = False

    b.process(wait)
    b.run(lambda: min(readers.done) == 30)
    assert AHEAD * 2 <= seen[0] <= AHEAD * 2 + 1
