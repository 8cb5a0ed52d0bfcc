"""Integer scores of classes that come in the order of the real ones, for all sums that can be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, check
from bephw.limits import LARGEST_SCALE

__all__ = ["integer_scores"]

MOST_CLASSES = 1_024
MOST_SUMS = 2**21  # Of all classes; all of them are sorted.

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class _Order:
    """What integer scores have to obey: the score of class `lower[i]` with `lower_matches[i]` is at least `by[i]` below
    that of class `upper[i]` with `upper_matches[i]`, by 1 where it is less and by 0 where they are equal."""

    lower: Integers
    lower_matches: Integers
    upper: Integers
    upper_matches: Integers
    by: Integers


def integer_scores(scales: Sequence[Fraction], offsets: Sequence[Fraction], inputs: int) -> tuple[Integers, Integers]:
    """Integers (classes,) whose scores `scale * matches + offset` have the order of the real ones that are given.

    Of any two classes, with any numbers of matches from 0 to `inputs`, the one with the larger real score has the
    larger integer one, and where the real ones are equal the integers are. The scales are the real ones in units of
    the largest one's 2^n-th part, rounded, or small multiples of their exact ratio, with the least n for which there
    are such offsets; the offsets are the least ones, 0 or more.

    Args:
        scales: of a match, 0 or more.
        offsets: with no match.

    Raises `BephwError` where there are none with scales up to `LARGEST_SCALE`, or too many classes or sums.
    """
    classes, sums = len(scales), len(scales) * (inputs + 1)
    rule = "output: of classes with scales and offsets of their own there must be at most"
    check(classes <= MOST_CLASSES, f"{rule} {MOST_CLASSES}, not {classes}")
    check(sums <= MOST_SUMS, f"{rule} {MOST_SUMS} sums, not {sums}")
    order = _order(scales, offsets, inputs)
    for candidate in _candidates(scales):
        found = _offsets(order, candidate)
        if found is not None:
            return candidate, found
    raise BephwError(
        f"output: scales of at most {LARGEST_SCALE}, in integers, must order all sums as the classes' scales and "
        "offsets do, but two classes' scores are too near each other"
    )


def _order(scales: Sequence[Fraction], offsets: Sequence[Fraction], inputs: int) -> _Order:
    """Of all real scores in their order, each with the next one of another class."""
    classes, matches, first = _sorted(scales, offsets, inputs)
    last = len(classes) - 1
    # From each group of equal scores to the next one: as the members of a group will be equal, one pair is enough, of
    # two different classes. One class alone is in order anyway.
    upper = np.flatnonzero(first)[1:]
    lower = upper - 1
    same = classes[lower] == classes[upper]
    another_above = same & (upper < last) & ~first[np.minimum(upper + 1, last)]
    another_below = same & ~another_above & ~first[lower]
    upper, lower = upper + another_above, lower - another_below
    different = classes[lower] != classes[upper]
    upper, lower = upper[different], lower[different]
    equal = np.flatnonzero(~first)
    below = np.concatenate([lower, equal - 1, equal])
    above = np.concatenate([upper, equal, equal - 1])
    by = np.repeat(np.array([1, 0], np.int64), [len(lower), 2 * len(equal)])
    return _Order(classes[below], matches[below], classes[above], matches[above], by)


def _sorted(
    scales: Sequence[Fraction], offsets: Sequence[Fraction], inputs: int
) -> tuple[Integers, Integers, NDArray[np.bool_]]:
    """Class and matches of all real scores, smallest first, and whether it is larger than the one before it."""
    common = math.lcm(*(number.denominator for number in (*scales, *offsets)))
    scores = []
    for index, (scale, offset) in enumerate(zip(scales, offsets, strict=True)):
        step, start = int(scale * common), int(offset * common)
        # Without a scale all of them are one.
        scores += [(start + step * matches, index, matches) for matches in range(inputs + 1 if step else 1)]
    scores.sort()
    first = [True, *(score[0] != before[0] for before, score in pairwise(scores))]
    classes, matches = (np.array([score[place] for score in scores], np.int64) for place in (1, 2))
    return classes, matches, np.array(first)


def _candidates(scales: Sequence[Fraction]) -> Iterator[Integers]:
    """Integer scales, larger and larger, each time multiples of the exact ratio and parts of the largest one, rounded:
    once as they are, and once so that different ones stay different."""
    largest = max(scales)
    if not largest:
        yield np.zeros(len(scales), np.int64)
        return
    ratio = _exact_ratio(scales)
    for bits in range(LARGEST_SCALE.bit_length()):
        multiple = 2**bits // max(ratio)
        if multiple:
            yield np.array([multiple * scale for scale in ratio], np.int64)
        rounded = [round(scale * 2**bits / largest) for scale in scales]
        yield np.array(rounded, np.int64)
        apart = _kept_apart(scales, rounded)
        if max(apart) <= LARGEST_SCALE:
            yield np.array(apart, np.int64)


def _kept_apart(scales: Sequence[Fraction], rounded: Sequence[int]) -> list[int]:
    """The same, but larger scales are larger by 1 at least."""
    apart = list(rounded)
    order = sorted(range(len(scales)), key=lambda index: scales[index])
    for before, index in pairwise(order):
        apart[index] = max(apart[index], apart[before] + (scales[index] > scales[before]))
    return apart


def _exact_ratio(scales: Sequence[Fraction]) -> list[int]:
    """The smallest integers that are in the ratio of `scales`."""
    common = math.lcm(*(scale.denominator for scale in scales))
    whole = [int(scale * common) for scale in scales]
    divisor = math.gcd(*whole)
    return [scale // divisor for scale in whole]


def _offsets(order: _Order, scales: Integers) -> Integers | None:
    """The least offsets with which integer scores obey the order; None where there are none.

    Each rule says how much larger one offset is than another, at least: the longest way to a class from any other is
    its offset, and a cycle that is longer than 0 means that there is none.
    """
    differences = scales[order.lower] * order.lower_matches - scales[order.upper] * order.upper_matches + order.by
    classes = len(scales)
    least: Integers = np.full((classes, classes), -(2**62), np.int64)
    np.maximum.at(least, (order.lower, order.upper), differences)
    ways = least > -(2**62)
    if bool((ways & ways.T & (least + least.T > 0)).any()):
        return None
    offsets = np.zeros(classes, np.int64)
    for _ in range(classes):
        following = np.maximum(offsets, np.where(ways, offsets[:, None] + least, 0).max(axis=0))
        if np.array_equal(following, offsets):
            return offsets
        offsets = following
    return None
