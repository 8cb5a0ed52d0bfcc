"""Section 3: the margin against the best other class."""

import numpy as np
import pytest

from bephw.golden.margin import teaches

LOGITS = np.array([[5, 1, -3]], np.int32)


@pytest.mark.parametrize(("label", "margin"), [(0, 4), (1, -4), (2, -8)])
def test_teaches_below_the_margin_only(label: int, margin: int) -> None:
    labels = np.array([label])
    assert teaches(LOGITS, labels, margin + 1).tolist() == [True]
    assert teaches(LOGITS, labels, margin).tolist() == [False]


def test_the_logits_are_left_alone() -> None:
    logits = LOGITS.copy()
    teaches(logits, np.array([0]), 3)
    assert np.array_equal(logits, LOGITS)


def test_extremes() -> None:
    logits = np.array([[-65_535, 65_535]], np.int32)
    assert teaches(logits, np.array([0]), -131_069).tolist() == [True]
    assert teaches(logits, np.array([0]), -131_070).tolist() == [False]
    assert teaches(logits, np.array([1]), 2**31 - 1).tolist() == [True]
    assert teaches(logits, np.array([0]), -(2**31)).tolist() == [False]


def test_a_label_that_is_no_class_never_teaches() -> None:
    assert teaches(LOGITS, np.array([3]), 2**31 - 1).tolist() == [False]
