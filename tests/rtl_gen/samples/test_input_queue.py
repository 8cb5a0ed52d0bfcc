"""The inputs of a layer: nothing lost, nothing overwritten, whatever the pace of the readers."""

import pytest

from bephw.rtl_gen.samples.input_bank import AHEAD
from bephw.rtl_gen.samples.input_queue import InputQueue
from bephw.shape import LayerShape
from tests.rtl_gen.conftest import plain


def even(length, width):
    """Beats of equal size, but for the last."""
    return [range(at, min(at + width, length)) for at in range(0, length, width)]


def make_samples(vectors, tags, beats):
    """For each vector its beats; the tags of those that are not the last do not count."""
    for number, (vector, tag) in enumerate(zip(vectors, tags, strict=True)):
        yield [
            {
                "data": (vector >> bits.start) & ((1 << len(bits)) - 1),
                "last": bits is beats[-1],
                "tag": tag if bits is beats[-1] else tags[number - 1],
            }
            for bits in beats
        ]


class Readers:
    """Every reader checks every vector. Those behind the first follow it; `pace` is their probability to pause."""

    def __init__(self, b, dut, shape, vectors, tags, paces):
        self.done = [0] * len(paces)
        self.started = [0] * len(paces)
        for number, pace in enumerate(paces):
            b.process(self._reader(b, dut, number, pace, shape, vectors, tags))

    def _reader(self, b, dut, number, pace, shape, vectors, tags):
        (port,) = getattr(dut, f"reader_{number}")

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
                        assert ctx.get(dut.tags[0].label) == tags[position]["label"]
                        assert ctx.get(dut.tags[0].learn) == tags[position]["learn"]
                        ctx.set(dut.begun, index == 0)
                    ctx.set(port.index, index)
                    ctx.set(port.read, 1)
                    ctx.set(port.done, index == shape.words - 1)
                    await ctx.tick()
                    ctx.set(port.read, 0)
                    ctx.set(port.done, 0)
                    if number == 0:
                        ctx.set(dut.begun, 0)
                    word |= ctx.get(port.data) << index * shape.columns
                self.done[number] += 1
                assert word & ((1 << shape.inputs) - 1) == vector, f"reader {number}, sample {position}"

        return process


def build(bench, shape, beats, slots, paces, count=30, seed=0, **options):
    dut = InputQueue(shape, beats, 5, slots, [1] * len(paces))
    b = bench(dut, seed)
    vectors = [b.random.getrandbits(shape.inputs) for _ in range(count)]
    tags = [{"label": b.random.randrange(5), "learn": b.random.randrange(2)} for _ in range(count)]
    source = b.flow_source(dut.chunks[0], make_samples(vectors, tags, beats), **options)
    return b, source, Readers(b, dut, shape, vectors, tags, paces)


def constant(pace):
    return lambda: pace


@pytest.mark.parametrize(
    ("inputs", "columns", "beats"),
    [
        (13, 4, even(13, 2)),
        (9, 4, even(9, 3)),
        (6, 8, even(6, 8)),
        (5, 2, even(5, 16)),
        (1, 1, even(1, 1)),
        (10, 3, LayerShape(0, 2, 10, 5, 1, 1).all_beats()),
    ],
)
@pytest.mark.parametrize("slots", [1, 3, 8])
@pytest.mark.parametrize(
    ("paces", "options"),
    [
        ((0.0, 0.0), {}),
        ((0.0, 0.9), {"ahead": 0}),
        ((0.9, 0.3, 0.8), {"pause": 0.2}),
        ((0.1, 0.9, 0.2), {"pause": 0.7, "reluctance": 0.5}),
    ],
)
def test_nothing_is_lost(bench, inputs, columns, beats, slots, paces, options):
    shape = LayerShape(0, inputs, 4, 2, columns, 1)
    paces = [constant(pace) for pace in paces]
    b, source, readers = build(bench, shape, beats, slots, paces, 14, seed=inputs + slots, **options)
    b.run(lambda: min(readers.done) == 14, rest=5)
    assert source.exhausted


def test_a_single_reader(bench):
    """The classifier's use: the forward pass is the only reader."""
    shape = LayerShape(0, 7, 4, 2, 2, 1)
    b, _, readers = build(bench, shape, even(7, 3), AHEAD, [constant(0.5)])
    b.run(lambda: readers.done == [30])


@pytest.mark.parametrize("width", [4, 3])
@pytest.mark.parametrize("slots", [1, 2, 3, 5])
@pytest.mark.parametrize("last_reader", [1, 2])
def test_full_slots_stop_the_input(bench, width, slots, last_reader):
    """While one reader stands still, the others and the input go as far as there are slots, and no further."""
    shape = LayerShape(0, 8, 4, 2, 4, 1)
    still = [True]
    paces = [constant(0.0)] * 3
    paces[last_reader] = lambda: 1.0 if still[0] else 0.0
    b, source, readers = build(bench, shape, even(8, width), slots, paces)
    seen = []

    async def wait(ctx):
        await b.wait(ctx, 300)
        seen.append((len(source.starts), source.complete, list(readers.done)))
        still[0] = False

    b.process(wait)
    b.run(lambda: min(readers.done) == 30)
    starts, complete, done = seen[0]
    assert (starts, complete) == (slots, slots)
    assert done[0] == slots, "the forward pass goes on while there are slots"
    assert done[last_reader] == 0


@pytest.mark.parametrize("width", [4, 3])
def test_samples_wait_ahead_of_the_forward_pass(bench, width):
    """`AHEAD` samples are started and wait, and no more, although there are slots."""
    shape = LayerShape(0, 8, 4, 2, 4, 1)
    still = [True]
    b, source, readers = build(bench, shape, even(8, width), 8, [lambda: 1.0 if still[0] else 0.0, constant(0.0)])
    seen = []

    async def wait(ctx):
        await b.wait(ctx, 100)
        seen.append((len(source.starts), source.complete))
        still[0] = False

    b.process(wait)
    b.run(lambda: min(readers.done) == 30)
    assert seen == [(AHEAD, AHEAD)]


@pytest.mark.parametrize("width", [4, 3])
def test_starts_count_before_beats_come(bench, width):
    """A producer may start samples long before it sends them: the room that it was promised is there."""
    shape = LayerShape(0, 8, 4, 2, 4, 1)
    b, source, readers = build(bench, shape, even(8, width), 4, [constant(0.0), constant(0.3)], pause=0.9, ahead=AHEAD)
    b.run(lambda: min(readers.done) == 30)
    beats = -(-8 // width)
    ends = source.sent[beats - 1 :: beats]
    most = max(sum(start <= now for start in source.starts) - sum(end < now for end in ends) for now in source.starts)
    assert most == (AHEAD if width == 4 else 2), "where vectors are repacked whole, two at a time"


@pytest.mark.parametrize(("width", "columns"), [(4, 8), (8, 8), (8, 4), (3, 3)])
def test_throughput(bench, width, columns):
    """A sample takes no longer than its beats, or the words that are read of it."""
    shape = LayerShape(0, 24, 4, 2, columns, 1)
    b, source, readers = build(bench, shape, even(24, width), 8, [constant(0.0), constant(0.0)])
    b.run(lambda: min(readers.done) == 30)
    period = max(24 // width, shape.words)
    assert source.starts[-1] - source.starts[9] == 20 * period


def test_channels_share_the_banks(bench):
    """Every sample is read by the channels that its number says, whatever the numbers of channels and the paces."""
    for sources, samples, others in ((1, 4, (1, 4)), (4, 2, (1, 2)), (2, 6, (1,)), (3, 3, (1, 3)), (8, 1, ())):
        _read_by_channels(bench, sources, samples, others)


def _read_by_channels(bench, sources, samples, others):
    shape = LayerShape(0, 13, 4, 2, 4, 1, samples=samples)
    beats, count, readers = even(13, 4 if samples % 2 else 3), 40, (samples, *others)
    dut = InputQueue(shape, beats, 5, 2 * max(sources, samples), readers, sources=sources)
    b = bench(dut, seed=sources)
    vectors = [b.random.getrandbits(13) for _ in range(count)]
    tags = [{"label": b.random.randrange(5), "learn": b.random.randrange(2)} for _ in range(count)]
    sent = list(make_samples(vectors, tags, beats))
    for channel, chunks in enumerate(dut.chunks):
        b.flow_source(chunks, sent[channel::sources], pause=0.3, reluctance=0.2)
    done = [set() for _ in readers]

    def reader(number, channel):
        port, channels = getattr(dut, f"reader_{number}")[channel], readers[number]

        async def process(ctx):
            for position in range(channel, count, channels):
                while b.random.random() < 0.4 or (
                    position not in done[0] if number else not ctx.get(dut.available[channel])
                ):
                    await ctx.tick()
                word = 0
                for index in range(shape.words):
                    if number == 0:
                        assert plain(ctx.get(dut.tags[channel])) == tags[position]
                        ctx.set(dut.begun[channel], index == 0)
                    ctx.set(port.index, index)
                    ctx.set(port.read, 1)
                    ctx.set(port.done, index == shape.words - 1)
                    await ctx.tick()
                    ctx.set(port.read, 0)
                    ctx.set(port.done, 0)
                    if number == 0:
                        ctx.set(dut.begun[channel], 0)
                    word |= ctx.get(port.data) << index * shape.columns
                done[number].add(position)
                assert word & ((1 << shape.inputs) - 1) == vectors[position], f"reader {number}, sample {position}"

        return process

    for number, channels in enumerate(readers):
        for channel in range(channels):
            b.process(reader(number, channel))
    b.run(lambda: all(len(read) == count for read in done))
