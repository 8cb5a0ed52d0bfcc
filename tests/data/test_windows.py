"""Series become steps in order, and nothing is lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.data.windows import cut


@pytest.mark.parametrize(
    ("window", "steps"),
    [
        (1, [[1], [2], [3], [4], [5]]),
        (2, [[1, 2], [3, 4], [5, 5]]),
        (3, [[1, 2, 3], [4, 5, 5]]),
        (5, [[1, 2, 3, 4, 5]]),
    ],
)
def test_the_last_step_is_filled_up_with_the_last_value(window, steps):
    assert cut(np.array([[1, 2, 3, 4, 5]]), window).tolist() == [steps]


@given(samples=st.integers(0, 4), features=st.integers(1, 20), data=st.data())
def test_steps_side_by_side_are_the_series(samples, features, data):
    window = data.draw(st.integers(1, features))
    x = np.random.default_rng(features).integers(0, 100, (samples, features))
    steps = cut(x, window)
    assert steps.shape == (samples, -(-features // window), window)
    assert steps.dtype == x.dtype
    np.testing.assert_array_equal(steps.reshape(samples, steps.shape[1] * window)[:, :features], x)
