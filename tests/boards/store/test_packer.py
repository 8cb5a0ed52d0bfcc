"""bephw.boards.store.packer and unpacker: records of any size, both ways."""

import random

import pytest

from bephw.boards.store.layout import RecordLayout
from bephw.boards.store.packer import RecordPacker
from bephw.boards.store.unpacker import RecordUnpacker
from tests.boards.store.conftest import record

LAYOUTS = [  # word, stream_width, stream_words, label
    (16, 8, 8, 4),
    (16, 8, 1, 1),
    (16, 16, 5, 4),
    (16, 5, 3, 2),
    (16, 1, 37, 16),
    (32, 28, 28, 4),
    (32, 24, 5, 3),
    (32, 32, 4, 7),
    (16, 48, 3, 4),
    (16, 50, 2, 9),
    (64, 20, 9, 1),
]


def samples_of(layout, count, seed):
    rng = random.Random(seed)
    return [
        (rng.getrandbits(layout.label), [rng.getrandbits(layout.stream_width) for _ in range(layout.stream_words)])
        for _ in range(count)
    ]


def beats(samples):
    return [{"label": label, "data": word} for label, words in samples for word in words]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("stall", [0.0, 0.4])
def test_packer(bench, layout, stall):
    layout = RecordLayout(*layout)
    samples = samples_of(layout, 20, 1)
    dut = RecordPacker(layout, 1 << layout.label)
    test = bench(dut)
    test.source(dut.samples, beats(samples), stall)
    sink, ends = test.sink(dut.words, stall), []
    test.watch([dut.ends], lambda end: ends.append(end))
    expected = [word for label, words in samples for word in record(layout, label, words)]
    test.run(lambda: len(sink.beats) == len(expected))
    assert sink.beats == expected
    assert sum(ends) == len(samples)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("stall", [0.0, 0.4])
def test_unpacker(bench, layout, stall):
    layout = RecordLayout(*layout)
    samples = samples_of(layout, 20, 2)
    dut = RecordUnpacker(layout, 1 << layout.label)
    test = bench(dut)
    test.source(dut.words, [word for label, words in samples for word in record(layout, label, words)], stall)
    sink, ends = test.sink(dut.samples, stall), []
    test.watch([dut.ends], lambda end: ends.append(end))
    test.run(lambda: len(sink.beats) == layout.stream_words * len(samples))
    assert sink.beats == beats(samples)
    assert sum(ends) == len(samples)
    if not stall:
        a_record = max(layout.stream_words + 3, layout.words)
        assert sink.cycles[-1] - sink.cycles[0] <= a_record * len(samples)


@pytest.mark.parametrize("layout", [LAYOUTS[0], LAYOUTS[3], LAYOUTS[5]], ids=str)
@pytest.mark.parametrize(("share", "stall"), [(1, 0.4), (2, 0.0), (3, 0.4)])
def test_samples_that_are_shorter_than_their_records(bench, layout, share, stall):
    layout = RecordLayout(*layout)
    samples, sent = samples_of(layout, 9, 3), layout.stream_words // share
    dut = RecordUnpacker(layout, 1 << layout.label, shorter=True)
    test = bench(dut)
    test.set(dut.sent, sent)
    test.source(dut.words, [word for label, words in samples for word in record(layout, label, words)], stall)
    sink, ends = test.sink(dut.samples, stall), []
    test.watch([dut.ends], lambda end: ends.append(end))
    test.run(lambda: len(sink.beats) == sent * len(samples) and sum(ends) == len(samples))
    assert sink.beats == beats([(label, words[:sent]) for label, words in samples])
