"""xorshift32 against its three shifts, written once more in Python integers."""

import numpy as np
import pytest

from bephw.golden.xorshift import BLOCK, step, words


def scalar(u: int) -> int:
    u ^= u << 13 & 0xFFFFFFFF
    u ^= u >> 17
    return u ^ (u << 5 & 0xFFFFFFFF)


def test_known_first_words() -> None:
    # Marsaglia's example seed.
    assert words(2_463_534_242, 3).tolist() == [723_471_715, 2_497_366_906, 2_064_144_800]


@pytest.mark.parametrize("state", [1, 2**31, 2**32 - 1, 0xDEADBEEF])
@pytest.mark.parametrize("count", [0, 1, BLOCK - 1, BLOCK, 2 * BLOCK + 3])
def test_words_are_steps(state: int, count: int) -> None:
    expected, u = [], state
    for _ in range(count):
        u = scalar(u)
        expected.append(u)
    found = words(state, count)
    assert found.dtype == np.uint32
    assert found.tolist() == expected


def test_one_step_of_many_states() -> None:
    states = np.array([1, 2**32 - 1, 0x80000001], np.uint32)
    assert step(states).tolist() == [scalar(int(u)) for u in states]
