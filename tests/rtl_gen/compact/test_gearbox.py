"""Repacking of bit vectors."""

from itertools import pairwise

import pytest

from bephw.rtl_gen.compact.gearbox import Gearbox

SHAPES = [  # length, width, columns
    (16, 4, 8),  # divides
    (13, 4, 8),  # divides, both ends ragged
    (8, 8, 8),
    (5, 1, 5),
    (1, 1, 1),
    (3, 2, 8),  # one word
    (13, 3, 8),  # does not divide
    (12, 8, 4),  # wider than the columns
    (21, 8, 3),
    (7, 16, 2),  # wider than the vector
    (9, 5, 9),
]


def chunks_of(vector, length, width, tag, generator):
    count = -(-length // width)
    for index in range(count):
        last = index == count - 1
        garbage = generator.getrandbits(count * width) >> length << length
        bits = ((vector | garbage) >> index * width) & ((1 << width) - 1)
        noise = {"label": generator.randrange(4), "learn": generator.randrange(2)}
        yield {"data": bits, "last": last, "tag": tag if last else noise}


def make_vectors(b, length, count):
    vectors = [b.random.getrandbits(length) for _ in range(count)]
    tags = [{"label": b.random.randrange(4), "learn": b.random.randrange(2)} for _ in range(count)]
    return vectors, tags


@pytest.mark.parametrize(("length", "width", "columns"), SHAPES)
@pytest.mark.parametrize(("in_stall", "out_stall"), [(0.0, 0.0), (0.5, 0.0), (0.3, 0.6)])
def test_repacks(bench, length, width, columns, in_stall, out_stall):
    dut = Gearbox(length, width, columns, 4)
    b = bench(dut, seed=length)
    vectors, tags = make_vectors(b, length, 12)
    beats = [c for v, t in zip(vectors, tags, strict=True) for c in chunks_of(v, length, width, t, b.random)]
    b.source(dut.chunks, beats, in_stall)
    sink = b.sink(dut.words, out_stall)
    words = -(-length // columns)
    b.run(lambda: len(sink.beats) == words * len(vectors), rest=words + 5)
    assert len(sink.beats) == words * len(vectors)
    for number, (vector, tag) in enumerate(zip(vectors, tags, strict=True)):
        beats = sink.beats[number * words : (number + 1) * words]
        assert [beat["last"] for beat in beats] == [0] * (words - 1) + [1]
        packed = sum(beat["data"] << index * columns for index, beat in enumerate(beats))
        assert packed & ((1 << length) - 1) == vector
        assert beats[-1]["tag"] == tag


@pytest.mark.parametrize(("length", "width", "columns"), SHAPES)
def test_throughput(bench, length, width, columns):
    """A word takes one cycle more than its chunks; where widths do not divide, chunks and then words, one a cycle."""
    dut = Gearbox(length, width, columns, 4)
    b = bench(dut, seed=length)
    vectors, tags = make_vectors(b, length, 6)
    source = b.source(
        dut.chunks, [c for v, t in zip(vectors, tags, strict=True) for c in chunks_of(v, length, width, t, b.random)]
    )
    sink = b.sink(dut.words)
    chunks, words = -(-length // width), -(-length // columns)
    b.run(lambda: len(sink.beats) == words * len(vectors))
    ends = sink.cycles[words - 1 :: words]
    assert {later - earlier for earlier, later in pairwise(ends)} == {chunks + words}
    if columns % width:
        assert source.taken[:chunks] == list(range(source.taken[0], source.taken[0] + chunks))
        assert sink.cycles[:words] == list(range(source.taken[chunks - 1] + 1, source.taken[chunks - 1] + 1 + words))
