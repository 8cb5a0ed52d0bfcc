"""Section 2 as mathematics."""

import numpy as np
import pytest

from bephw.golden.forward import activate, preactivation, predict, signed, visible


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.bool_])
def test_bits_become_signs(dtype: type) -> None:
    signs = signed(np.array([[0, 1]], dtype))
    assert signs.dtype == np.float32
    assert signs.tolist() == [[-1, 1]]


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32])
def test_zero_is_visible_as_plus(dtype: type) -> None:
    assert visible(np.array([-2, -1, 0, 1], dtype)).tolist() == [-1, -1, 1, 1]


def test_sums_are_twice_the_agreements_less_the_inputs() -> None:
    random = np.random.default_rng(0)
    a, w = random.integers(0, 2, (5, 33)), random.integers(0, 2, (7, 33))
    agreements = (a[:, None] == w[None]).sum(axis=2)
    assert np.array_equal(preactivation(signed(a), signed(w)), 2 * agreements - 33)


def test_the_widest_layer_is_exact() -> None:
    width = 65_535
    a = np.ones((2, width), np.float32)
    w = np.ones((3, width), np.float32)
    w[1, :1] = -1
    w[2] = -1
    assert preactivation(a, w).tolist() == [[width, width - 2, -width]] * 2


def test_a_sum_of_zero_activates() -> None:
    assert activate(np.array([-1, 0, 1], np.float32)).tolist() == [-1, 1, 1]


def test_the_lowest_index_wins_among_equals() -> None:
    assert predict(np.array([[1, 3, 3], [2, 2, 2], [-5, -4, -5]])).tolist() == [1, 0, 1]
