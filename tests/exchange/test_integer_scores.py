"""Integer scores against the order of the real ones, for every pair of sums."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.errors import BephwError
from bephw.exchange.integer_scores import integer_scores

SMALL = st.fractions(-6, 6, max_denominator=6)  # Many sums are equal.
LARGE = st.floats(-1e3, 1e3, width=32).map(Fraction)


def signs(first, second):
    """-1, 0 or 1 for every pair of numbers of two lists."""
    return [(x > y) - (x < y) for x in first for y in second]


def check_order(scales, offsets, inputs, found):
    """Scores of any two classes are ordered as the real ones."""
    real = [[offset + scale * m for m in range(inputs + 1)] for scale, offset in zip(scales, offsets, strict=True)]
    whole = [
        [offset + scale * m for m in range(inputs + 1)]
        for scale, offset in zip(*map(np.ndarray.tolist, found), strict=True)
    ]
    for second in range(len(scales)):
        for first in range(second):
            assert signs(whole[first], whole[second]) == signs(real[first], real[second])


@settings(max_examples=150)
@given(data=st.data())
def test_every_pair_of_sums_is_ordered_as_it_was(data):
    inputs, classes = data.draw(st.integers(1, 9)), data.draw(st.integers(2, 5))
    numbers = data.draw(st.sampled_from([SMALL, LARGE]))
    scales = data.draw(st.lists(numbers.map(abs), min_size=classes, max_size=classes))
    offsets = data.draw(st.lists(numbers, min_size=classes, max_size=classes))
    try:
        found = integer_scores(scales, offsets, inputs)
    except BephwError as error:
        assert "two classes' scores are too near each other" in str(error)
        # Only where it has to be: two scores differ by less than any integer scales could tell.
        scores = sorted({o + s * m for s, o in zip(scales, offsets, strict=True) for m in range(inputs + 1)})
        nearest = min(b - a for a, b in pairwise(scores))
        assert nearest * 2**24 < 4 * inputs * max(scales)
        return
    assert min(found[0].min(), found[1].min()) >= 0
    check_order(scales, offsets, inputs, found)


def test_equal_scales_need_no_more_bits_than_fractions_have_ranks():
    """Offsets of 10 classes with 10 different fractions: 4 bits, however near to each other they are."""
    offsets = [Fraction(place) + Fraction(place, 10**30) for place in range(10)]
    scales, whole = integer_scores([Fraction(1)] * 10, offsets, 64)
    assert set(scales.tolist()) == {16}
    check_order([Fraction(1)] * 10, offsets, 64, (scales, whole))


def test_whole_offsets_stay_as_they_are():
    scales, offsets = integer_scores([Fraction(3, 7)] * 3, [Fraction(6, 7), Fraction(0), Fraction(-3, 7)], 20)
    assert scales.tolist() == [1, 1, 1]
    assert offsets.tolist() == [3, 1, 0]


def test_the_exact_ratio_where_sums_are_equal():
    """1 : 3 : 5 is no ratio of numbers rounded to parts of a power of two, and many sums are equal."""
    scales, offsets = integer_scores([Fraction(n, 11) for n in (1, 3, 5)], [Fraction(0)] * 3, 30)
    assert scales.tolist() == [1, 3, 5]
    assert offsets.tolist() == [0, 0, 0]


@pytest.mark.parametrize("inputs", [64, 1024])
def test_scales_as_batch_normalisation_has_them(inputs):
    random = np.random.default_rng(inputs)
    scales = [Fraction(float(scale)) for scale in random.uniform(0.3, 3, 10)]
    offsets = [Fraction(float(offset)) for offset in random.normal(0, inputs / 4, 10)]
    whole, whole_offsets = integer_scores(scales, offsets, inputs)
    # All pairs are too many for Python: ranks of all scores, where no two are equal.
    real = np.array([float(o + s * m) for s, o in zip(scales, offsets, strict=True) for m in range(inputs + 1)])
    integers = (whole[:, None] * np.arange(inputs + 1) + whole_offsets[:, None]).ravel()
    of_class = np.repeat(np.arange(10), inputs + 1)
    order = np.argsort(real)
    steps, changes = np.diff(integers[order]), np.diff(of_class[order]) != 0
    assert (steps[changes] > 0).all() and (steps >= 0).all()
    assert whole.max() <= 2**24


def test_scales_that_differ_by_rounding_alone():
    """A thousandth part of 2^-24 decides which of two equal sums wins: small integers do that as well."""
    scales = [Fraction(1), Fraction(1) + Fraction(1, 2**34), Fraction(1) - Fraction(1, 2**40)]
    offsets = [-20 * scale for scale in scales]  # All are 0 where half of the inputs match.
    found = integer_scores(scales, offsets, 40)
    assert found[0].max() < 256
    check_order(scales, offsets, 40, found)


def test_what_cannot_be_is_refused():
    # Each has two scores that the first one has as well: so integers must be in the exact ratio.
    ratio = [Fraction(1), *(Fraction(n + 1, n) for n in (299, 298, 297, 293))]
    with pytest.raises(BephwError, match="scales of at most 16777216, in integers, must order all sums"):
        integer_scores(ratio, [Fraction(0)] * 5, 300)
    with pytest.raises(BephwError, match="there must be at most 1024, not 1025"):
        integer_scores([Fraction(1)] * 1025, [Fraction(0)] * 1025, 5)
    with pytest.raises(BephwError, match="there must be at most 2097152 sums, not 32768500"):
        integer_scores([Fraction(1)] * 500, [Fraction(0)] * 500, 65_536)


def test_no_class_has_a_scale():
    scales, offsets = integer_scores([Fraction(0)] * 3, [Fraction(1, 3), Fraction(-2), Fraction(1, 3)], 9)
    assert scales.tolist() == [0, 0, 0]
    assert offsets.tolist() == [1, 0, 1]
