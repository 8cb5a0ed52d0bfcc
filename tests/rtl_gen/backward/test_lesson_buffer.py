"""Lessons: beats in, slices out."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.backward.lesson_buffer import FEWEST_BEATS, LessonBuffer
from bephw.shape import LayerShape, ceil_div


@st.composite
def geometries(draw):
    """A shape and a gamma that divides its outputs."""
    outputs = draw(st.integers(1, 24))
    rows = draw(st.integers(1, outputs))
    words = draw(st.one_of(st.just(1), st.integers(1, 5)))
    gamma = draw(st.sampled_from([size for size in range(1, outputs + 1) if outputs % size == 0]))
    return LayerShape(0, words * 2 - draw(st.integers(0, 1)), outputs, rows, 2, 1), gamma


class Setup:
    """Random lessons, and a reader that goes through each of them slice by slice."""

    def __init__(self, bench, shape, gamma, width, *, pace=0.0, offer=0.0, teach=0.7, skipped=0, seed=0):
        self.dut = dut = LessonBuffer(shape, width, gamma, skipped=skipped)
        self.bench = b = bench(dut, seed)
        self.outputs, self.slices = shape.outputs, shape.slices(gamma)
        self.lessons = [
            (
                [b.random.randrange(2) for _ in range(shape.outputs)],
                int(b.random.random() < teach),
                b.random.randrange(2),
            )
            for _ in range(12)
        ]
        self.source = b.source(dut.lessons, self._beats(width, skipped), offer)
        self.pace = pace
        self.consumed = []
        self.shown = []
        b.process(self._read)

    def _beats(self, width, skipped=0):
        generator, outputs = self.bench.random, self.outputs
        beats = []
        for bits, teach, learn in self.lessons:
            count = -(-(skipped + outputs) // width) if teach else 1
            word = generator.getrandbits(width) << outputs  # garbage beyond the last bit
            word |= sum(bit << lane for lane, bit in enumerate(bits)) if teach else 0
            word = word << skipped | (generator.getrandbits(skipped) if skipped else 0)
            for index in range(count):
                data = (word >> index * width) & ((1 << width) - 1)
                beats.append({"data": data, "teach": teach, "learn": learn, "last": index == count - 1})
        return beats

    async def _read(self, ctx):
        dut, generator = self.dut, self.bench.random

        async def pause():
            while generator.random() < self.pace:
                await ctx.tick()

        for bits, teach, learn in self.lessons:
            await pause()
            while not ctx.get(dut.valid):
                await ctx.tick()
            self.shown.append(self.bench.cycle + 1)  # the first clock edge that sees it
            for index, outputs in enumerate(self.slices if teach else [range(0)]):
                await pause()
                desired = ctx.get(dut.desired)
                assert [desired >> position & 1 for position in range(len(outputs))] == [bits[j] for j in outputs]
                assert (ctx.get(dut.valid), ctx.get(dut.teach), ctx.get(dut.learn)) == (1, teach, learn)
                last = not teach or index == len(self.slices) - 1
                ctx.set(dut.consumed, last)
                ctx.set(dut.shift, not last or generator.randrange(2))
                await ctx.tick()
                ctx.set(dut.shift, 0)
                ctx.set(dut.consumed, 0)
            self.consumed.append(self.bench.cycle)

    def run(self):
        self.bench.run(lambda: len(self.consumed) == len(self.lessons))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    geometry=geometries(),
    width=st.integers(1, 30),
    pace=st.sampled_from([0.0, 0.6]),
    offer=st.sampled_from([0.0, 0.6]),
    seed=st.integers(0, 99),
)
def test_bits_in_order(bench, geometry, width, pace, offer, seed):
    Setup(bench, *geometry, width, pace=pace, offer=offer, seed=seed).run()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    outputs=st.integers(9, 30),
    size=st.integers(1, 3),
    slices_a_beat=st.integers(1, 3),
    pace=st.sampled_from([0.0, 0.6]),
    offer=st.sampled_from([0.0, 0.6]),
    seed=st.integers(0, 99),
)
def test_whole_slices_lie_in_a_memory(bench, outputs, size, slices_a_beat, pace, offer, seed):
    """Row groups of whole slices: beats of a few of them, the last one of both partial where outputs do not divide."""
    shape = LayerShape(0, 6, outputs, 2 * size, 3, 1)  # two words a row group of two slices
    assert shape.scan == size
    width = size * slices_a_beat
    Setup(bench, shape, outputs, width, pace=pace, offer=offer, seed=seed).run()
    assert (LessonBuffer.ram(shape, width, outputs, None) is not None) == (ceil_div(outputs, width) >= FEWEST_BEATS)


@pytest.mark.parametrize(("outputs", "groups"), [(29, 1), (28, 1), (47, 2), (60, 2), (78, 3)])
@pytest.mark.parametrize("pace", [0.0, 0.6])
def test_slices_of_different_sizes_lie_in_a_memory(bench, outputs, groups, pace):
    """Row groups of 3 + 3 + 1 outputs, so many of them a beat."""
    shape = LayerShape(0, 5, outputs, 7, 2, 1)
    assert [len(outputs) for outputs in shape.slices(outputs)[:4]] == [3, 3, 1, 3]
    assert LessonBuffer.ram(shape, 7 * groups, outputs, None) is not None
    assert LessonBuffer.ram(shape, 7 * groups - 1, outputs, None) is None
    Setup(bench, shape, outputs, 7 * groups, pace=pace, offer=pace, seed=outputs).run()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    geometry=geometries(),
    width=st.integers(2, 12),
    skipped=st.integers(1, 11),
    pace=st.sampled_from([0.0, 0.6]),
    seed=st.integers(0, 99),
)
def test_what_is_skipped_is_no_part_of_it(bench, geometry, width, skipped, pace, seed):
    """A cell's own lessons begin within a word, where its inputs end."""
    Setup(bench, *geometry, width, pace=pace, offer=0.2, skipped=skipped % width, seed=seed).run()


def test_what_begins_within_a_word_lies_in_registers():
    shape = LayerShape(0, 4, 24, 6, 2, 1)
    assert LessonBuffer.ram(shape, 3, 3, None) is not None
    assert LessonBuffer.ram(shape, 3, 3, None, skipped=1) is None


@pytest.mark.parametrize(
    ("width", "rows", "gamma"), [(8, 4, 8), (24, 24, 12), (1, 1, 1), (5, 7, 6), (4, 2, 8), (3, 3, 8)]
)
@pytest.mark.parametrize("teach", [0.0, 1.0])
def test_throughput(bench, width, rows, gamma, teach):
    """The slower of both sides decides: a cycle a slice, or a cycle a beat, and one more."""
    shape = LayerShape(0, 4, 24, rows, 2, 1)
    setup = Setup(bench, shape, gamma, width, teach=teach)
    setup.run()
    writing = -(-24 // width) + 1 if teach else 2
    reading = len(setup.slices) + 1 if teach else 2
    periods = [later - earlier for earlier, later in pairwise(setup.consumed)]
    assert set(periods[2:]) == {max(writing, reading)}


@pytest.mark.parametrize("width", [1, 4, 7, 30])
def test_latency(bench, width):
    """2 cycles after the last beat."""
    setup = Setup(bench, LayerShape(0, 4, 24, 6, 2, 1), 6, width)
    beats = setup._beats(width)
    setup.run()
    first_last = next(index for index, beat in enumerate(beats) if beat["last"])
    assert setup.shown[0] == setup.source.taken[first_last] + 2


def test_the_next_lesson_follows_after_a_cycle(bench):
    setup = Setup(bench, LayerShape(0, 4, 24, 6, 2, 1), 6, 24, teach=1.0)
    setup.run()
    assert setup.shown[1:] == [cycle + 2 for cycle in setup.consumed[:-1]]
