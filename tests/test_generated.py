"""Generated weights: entry by entry, and as a whole like random ones."""

from __future__ import annotations

import numpy as np
import pytest

from bephw.generated import ROW_STEP, columns_fit, following, generated_weights, row_start
from bephw.golden.xorshift import words


@pytest.mark.parametrize("seed", [1, 12345, 2**32 - 1])
def test_rows_are_what_the_golden_models_generator_gives(seed):
    weights = generated_weights(seed, 5, 75)
    assert weights.shape == (5, 75)
    for row, found in enumerate(weights):
        stream = words(row_start(seed, row), 3)
        assert found.tolist() == [int(stream[k // 32]) >> k % 32 & 1 for k in range(75)]


def test_a_smaller_matrix_is_a_part_of_a_larger_one():
    large = generated_weights(9, 40, 100)
    assert np.array_equal(generated_weights(9, 17, 33), large[:17, :33])
    assert generated_weights(9, 3, 0).shape == (3, 0)


def test_no_generator_starts_from_zero_and_no_two_rows_alike():
    seed = -7 * ROW_STEP % 2**32  # Row 7's sum is 0.
    assert row_start(seed, 7) == 1
    starts = {row_start(seed, row) for row in range(65_535)}
    assert len(starts) == 65_535
    assert 0 not in starts


def test_several_steps_are_steps_one_after_another():
    states = np.array([1, 2**31, 0xDEADBEEF], np.uint32)
    assert np.array_equal(following(states, 3), following(following(following(states))))
    assert np.array_equal(following(states, 0), states)


def test_which_columns_fit():
    fitting = [columns for columns in range(1, 161) if columns_fit(columns, 100)]
    assert fitting == [1, 2, 4, 8, 16, 32, 64, 96, 100, 128, 160]


@pytest.mark.parametrize("seed", [1, 2, 0xDEADBEEF])
@pytest.mark.parametrize("shape", [(1000, 64), (1500, 784), (4000, 100)])
def test_as_balanced_and_as_little_correlated_as_random_ones(seed, shape):
    """All in units of the deviation that independent fair bits would have; 8 of them are for the worst of a million."""
    outputs, inputs = shape
    signs = 2 * generated_weights(seed, outputs, inputs).astype(np.float32) - 1
    rows, columns = signs.mean(axis=1) * np.sqrt(inputs), signs.mean(axis=0) * np.sqrt(outputs)
    assert abs(float(signs.mean())) * np.sqrt(signs.size) < 4
    for means in (rows, columns):
        assert np.abs(means).max() < 6
        assert means.std() < 1.2
    for lines in (signs, signs.T):
        products = lines @ lines.T / np.sqrt(lines.shape[1])
        others = products[np.triu_indices(len(products), 1)]
        assert 0.95 < others.std() < 1.05
        assert np.abs(others).max() < 9
