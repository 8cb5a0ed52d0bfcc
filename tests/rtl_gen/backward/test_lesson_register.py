"""Lessons, one after the other: beats in, slices out."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.backward.lesson_register import MOST_OUTPUTS, LessonRegister
from bephw.shape import LayerShape
from tests.rtl_gen.backward.geometries import geometries
from tests.rtl_gen.backward.lessons import Setup


def setup(bench, shape, gamma, width, **more):
    return Setup(bench, LessonRegister(shape, width, gamma), shape, gamma, width, **more)


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


@pytest.mark.parametrize(("outputs", "rows"), [(29, 7), (24, 7), (23, 5)])
def test_slices_of_different_sizes(bench, outputs, rows):
    """Row groups of several slices, the last of which has fewer outputs: what it lacks is passed over."""
    shape = LayerShape(0, 6, outputs, rows, 2, 1)
    assert len({len(outputs) for outputs in shape.slices(outputs)}) > 1
    setup(bench, shape, outputs, 4, offer=0.3, seed=rows).run()


@pytest.mark.parametrize("width", [1, 4, 7, 30])
def test_latency(bench, width):
    """A cycle after the last beat."""
    made = setup(bench, LayerShape(0, 4, 24, 6, 2, 1), 6, width)
    beats = made.beats(width)
    made.run()
    first_last = next(index for index, beat in enumerate(beats) if beat["last"])
    assert made.shown[0] == made.source.taken[first_last] + 1


@pytest.mark.parametrize(("width", "rows", "gamma"), [(8, 4, 8), (24, 24, 12), (1, 1, 1), (5, 7, 6), (4, 2, 8)])
@pytest.mark.parametrize("teach", [0.0, 1.0])
def test_throughput(bench, width, rows, gamma, teach):
    """A lesson's beats and then its slices, a cycle each; where it does not teach, one of both."""
    shape = LayerShape(0, 4, 24, rows, 2, 1)
    made = setup(bench, shape, gamma, width, teach=teach)
    made.run()
    periods = {later - earlier for earlier, later in pairwise(made.consumed)}
    assert periods == {-(-24 // width) + len(made.slices) if teach else 2}


def test_where_it_is_used():
    """Where lessons are small, and much less frequent than they take."""
    slow, fast = LayerShape(0, 64, 30, 2, 2, 1), LayerShape(0, 64, 30, 30, 64, 1)
    assert slow.forward_cycles > 60 > fast.forward_cycles
    large = LayerShape(0, 64, MOST_OUTPUTS + 1, 1, 1, 1)
    assert [LessonRegister.suffices(shape, 8, 10) for shape in (slow, fast, large)] == [True, False, False]
