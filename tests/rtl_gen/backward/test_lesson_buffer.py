"""Lessons: beats in, slices out."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.backward.lesson_buffer import FEWEST_BEATS, LessonBuffer
from bephw.shape import LayerShape, ceil_div
from tests.rtl_gen.backward.geometries import geometries
from tests.rtl_gen.backward.lessons import Setup


def setup(bench, shape, gamma, width, *, skipped=0, **more):
    dut = LessonBuffer(shape, width, gamma, skipped=skipped)
    return Setup(bench, dut, shape, gamma, width, skipped=skipped, **more)


@settings(max_examples=40)
@given(
    geometry=geometries(),
    width=st.integers(1, 30),
    pace=st.sampled_from([0.0, 0.6]),
    offer=st.sampled_from([0.0, 0.6]),
    seed=st.integers(0, 99),
)
def test_bits_in_order(bench, geometry, width, pace, offer, seed):
    setup(bench, *geometry, width, pace=pace, offer=offer, seed=seed).run()


@settings(max_examples=25)
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
    setup(bench, shape, outputs, width, pace=pace, offer=offer, seed=seed).run()
    assert (LessonBuffer.ram(shape, width, outputs, None) is not None) == (ceil_div(outputs, width) >= FEWEST_BEATS)


@pytest.mark.parametrize(("outputs", "groups"), [(29, 1), (28, 1), (47, 2), (60, 2), (78, 3)])
@pytest.mark.parametrize("pace", [0.0, 0.6])
def test_slices_of_different_sizes_lie_in_a_memory(bench, outputs, groups, pace):
    """Row groups of 3 + 3 + 1 outputs, so many of them a beat."""
    shape = LayerShape(0, 5, outputs, 7, 2, 1)
    assert [len(outputs) for outputs in shape.slices(outputs)[:4]] == [3, 3, 1, 3]
    assert LessonBuffer.ram(shape, 7 * groups, outputs, None) is not None
    assert LessonBuffer.ram(shape, 7 * groups - 1, outputs, None) is None
    setup(bench, shape, outputs, 7 * groups, pace=pace, offer=pace, seed=outputs).run()


@settings(max_examples=25)
@given(
    geometry=geometries(),
    width=st.integers(2, 12),
    skipped=st.integers(1, 11),
    pace=st.sampled_from([0.0, 0.6]),
    seed=st.integers(0, 99),
)
def test_what_is_skipped_is_no_part_of_it(bench, geometry, width, skipped, pace, seed):
    """A cell's own lessons begin within a word, where its inputs end."""
    setup(bench, *geometry, width, pace=pace, offer=0.2, skipped=skipped % width, seed=seed).run()


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
    made = setup(bench, shape, gamma, width, teach=teach)
    made.run()
    writing = -(-24 // width) + 1 if teach else 2
    reading = len(made.slices) + 1 if teach else 2
    periods = [later - earlier for earlier, later in pairwise(made.consumed)]
    assert set(periods[2:]) == {max(writing, reading)}


@pytest.mark.parametrize("width", [1, 4, 7, 30])
def test_latency(bench, width):
    """2 cycles after the last beat."""
    made = setup(bench, LayerShape(0, 4, 24, 6, 2, 1), 6, width)
    beats = made.beats(width)
    made.run()
    first_last = next(index for index, beat in enumerate(beats) if beat["last"])
    assert made.shown[0] == made.source.taken[first_last] + 2


def test_the_next_lesson_follows_after_a_cycle(bench):
    made = setup(bench, LayerShape(0, 4, 24, 6, 2, 1), 6, 24, teach=1.0)
    made.run()
    assert made.shown[1:] == [cycle + 2 for cycle in made.consumed[:-1]]
