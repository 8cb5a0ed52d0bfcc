"""Section 4: the winner of each group."""

import numpy as np

from bephw.golden.winners import winners


def won(z: list[list[int]], d: list[list[int]], gamma: int) -> list[tuple[int, int]]:
    samples, rows = winners(np.array(z, np.float32), np.array(d, np.float32), gamma)
    return list(zip(samples.tolist(), rows.tolist(), strict=True))


def test_the_wrong_output_nearest_to_zero_wins() -> None:
    assert won([[-5, -3, 1, -7]], [[1, 1, 1, 1]], 4) == [(0, 1)]


def test_the_lowest_index_wins_among_equals() -> None:
    assert won([[-3, 3, -3]], [[1, -1, 1]], 3) == [(0, 0)]


def test_zero_is_not_wrong_on_either_side() -> None:
    assert won([[0, 0]], [[1, -1]], 2) == []
    assert won([[0, 9]], [[1, -1]], 2) == [(0, 1)]


def test_groups_without_a_wrong_output_have_no_winner() -> None:
    assert won([[4, 4, -1, 4]], [[1, 1, 1, 1]], 2) == [(0, 2)]


def test_every_wrong_output_wins_in_groups_of_one() -> None:
    assert won([[-1, 1, -1], [1, -1, 1]], [[1, 1, 1], [-1, 1, 1]], 1) == [(0, 0), (0, 2), (1, 0), (1, 1)]


def test_no_samples() -> None:
    samples, rows = winners(np.zeros((0, 6), np.float32), np.zeros((0, 6), np.float32), 3)
    assert samples.shape == rows.shape == (0,)


def test_the_arguments_are_left_alone() -> None:
    z, d = np.array([[2.0, -2.0]], np.float32), np.array([[1.0, 1.0]], np.float32)
    winners(z, d, 2)
    assert z.tolist() == [[2, -2]]
    assert d.tolist() == [[1, 1]]
