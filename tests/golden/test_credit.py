"""Section 4: votes of the open rows, and ties."""

import numpy as np
import pytest

from bephw.golden.credit import desired_below

# Two rows that disagree about input 0 and agree about input 1 once the desired signs are applied.
W = np.array([[1, 1], [-1, 1]], np.float32)
D = np.array([[1, 1]], np.float32)


def below(z: list[int], G: int, tie: str = "keep", a: tuple[int, int] = (-1, -1), d: np.ndarray = D) -> list[float]:
    return desired_below(d, np.array([z], np.float32), W, np.array([a], np.float32), G, tie).tolist()[0]


def test_votes_decide_and_ties_keep() -> None:
    assert below([0, 0], 0) == [-1, 1]
    assert below([0, 0], 0, a=(1, -1)) == [1, 1]


def test_ties_of_the_papers_are_plus() -> None:
    assert below([0, 0], 0, "plus") == [1, 1]


def test_the_gate_is_inclusive() -> None:
    assert below([3, -4], 3) == [1, 1]
    assert below([-4, 3], 3) == [-1, 1]


@pytest.mark.parametrize(("tie", "expected"), [("keep", [-1, 1]), ("plus", [1, 1])])
def test_without_an_open_row_all_are_ties(tie: str, expected: list[int]) -> None:
    assert below([2, -2], 1, tie, a=(-1, 1)) == expected


def test_desired_signs_turn_votes() -> None:
    assert below([0, 9], 1, d=np.array([[-1, 1]], np.float32)) == [-1, -1]


def test_the_largest_gate_closes_nothing() -> None:
    assert below([65_535, 65_535], 2**32 - 1, d=-D) == [-1, -1]
