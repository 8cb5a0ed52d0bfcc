"""Section 6: counters and prototypes that software draws."""

import numpy as np
import pytest

from bephw.golden.initial import default_sigma, equiangular_frame, initial_state, normal_counters
from bephw.settings import Settings


def made(**learning) -> Settings:
    return Settings.build(network={"sizes": [40, 30, 20], "classes": 6}, learning=learning)


def off_diagonal(prototypes: np.ndarray) -> np.ndarray:
    signs = 2 * prototypes.astype(int) - 1
    return (signs @ signs.T)[np.triu_indices(len(signs), 1)]


def test_the_state_is_legal_and_repeats() -> None:
    settings = made()
    first, second = initial_state(settings), initial_state(settings)
    first.validate(settings)
    for name, array in first.to_arrays().items():
        assert np.array_equal(array, second.to_arrays()[name]), name
    assert initial_state(made(seed=1)).counters[0].tolist() != first.counters[0].tolist()


def test_given_generators_are_taken() -> None:
    assert initial_state(made(generators=[7, 2**32 - 1])).generators.tolist() == [7, 2**32 - 1]


def test_one_kind_of_data_does_not_move_with_another() -> None:
    assert initial_state(made()).prototypes.tolist() == initial_state(made(bits=4, sigma=9)).prototypes.tolist()


@pytest.mark.parametrize("bits", [2, 4, 8, 16])
def test_counters_are_floored_and_clipped(bits: int) -> None:
    top = 2 ** (bits - 1)
    counters = normal_counters((300, 300), 10.0, bits, np.random.default_rng(0))
    assert counters.dtype == np.int16
    if top <= 8:
        assert (counters.min(), counters.max()) == (-top, top - 1)
    # Floor makes zero the smallest of the upper half: both signs are as likely.
    assert (counters >= 0).mean() == pytest.approx(0.5, abs=0.01)
    assert counters.std() <= 10.5


@pytest.mark.parametrize("bits", range(2, 17))
def test_the_default_spread_leaves_room(bits: int) -> None:
    assert 0 < default_sigma(bits) <= 2 ** (bits - 1) / 3


@pytest.mark.parametrize(("classes", "width"), [(2, 9), (6, 20), (10, 135)])
def test_frames_are_nearly_equiangular(classes: int, width: int) -> None:
    random = np.random.default_rng(0)
    products = off_diagonal(equiangular_frame(classes, width, random))
    chance = off_diagonal(np.random.default_rng(1).integers(0, 2, (classes, width)))
    # No set of vectors has a lower mean than a simplex.
    assert products.mean() >= -width / (classes - 1) - 1e-9
    assert products.mean() < 0
    assert products.sum() + products.var() < chance.sum() + chance.var()
    if classes > 2:
        assert products.std() < 0.6 * chance.std()


def test_two_classes_become_opposites() -> None:
    first, second = equiangular_frame(2, 15, np.random.default_rng(0))
    assert np.array_equal(first, 1 - second)


def test_many_classes_stay_random() -> None:
    frame = equiangular_frame(2000, 8, np.random.default_rng(0))
    assert frame.shape == (2000, 8)
    assert frame.dtype == np.uint8
