"""The gamma schedule, and that it is a function of the history alone."""

from __future__ import annotations

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.golden.gamma import epoch_gamma, next_divisor
from bephw.golden.history import Epoch
from bephw.golden.training import fit
from bephw.settings import Settings


def schedule(patience: int | None, validation: list[float]) -> list[tuple[int, ...]]:
    """Gamma of every epoch, and of the one after the last."""
    settings = Settings.build(
        network={"sizes": [8, 12, 9], "classes": 2}, learning={"gamma": [2, 3], "gamma_patience": patience}
    )
    history = [Epoch(n, 0.5, accuracy, None, 1.0, (0, 0), (1, 1), 0.0) for n, accuracy in enumerate(validation, 1)]
    return [epoch_gamma(settings, history[:n]) for n in range(len(history) + 1)]


def test_next_divisors() -> None:
    assert [next_divisor(gamma, 12) for gamma in (1, 2, 3, 4, 6, 12)] == [2, 3, 4, 6, 12, 12]
    assert next_divisor(1, 13) == 13


def test_without_patience_gamma_stays() -> None:
    assert set(schedule(None, [0.5] * 9)) == {(2, 3)}


def test_gamma_grows_when_validation_stagnates() -> None:
    assert schedule(2, [0.5, 0.6, 0.6, 0.6, 0.7, 0.7, 0.6, 0.5, 0.4]) == [
        *[(2, 3)] * 4,
        *[(3, 9)] * 3,
        *[(4, 9)] * 2,
        (6, 9),
    ]


def test_it_needs_validation_samples() -> None:
    settings = Settings.build(network={"sizes": [4, 4], "classes": 2}, learning={"gamma_patience": 1})

    class Dataset:
        x_train, y_train = np.zeros((3, 4), np.uint8), np.zeros(3, np.int64)
        x_test, y_test = x_train, y_train
        x_validation = y_validation = None

    with pytest.raises(BephwError, match="gamma_patience: needs validation samples"):
        fit(settings, Dataset())
