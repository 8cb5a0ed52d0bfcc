"""Which samples train, choose and test: no sample twice, none lost."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.data.features import Features
from bephw.data.parts import divide
from bephw.errors import BephwError
from bephw.settings import Data


def _features(train, test, classes=3, validation=None):
    """Samples that are their own number, so that each can be told apart."""
    x = np.arange(train + test + (validation or 0))[:, np.newaxis]
    y = x[:, 0] % classes
    held = {} if validation is None else {"x_validation": x[train + test :], "y_validation": y[train + test :]}
    return Features("small", x[:train], y[:train], x[train : train + test], y[train : train + test], **held)


def _numbers(features):
    """Samples of the training, validation and test sets, after a look at their labels."""
    parts = []
    for name in ("train", "validation", "test"):
        x, y = getattr(features, f"x_{name}"), getattr(features, f"y_{name}")
        if x is not None:
            assert (x[:, 0] % 3 == y).all()
        parts.append([] if x is None else x[:, 0].tolist())
    return parts


def test_nothing_asked_nothing_changed():
    features = _features(5, 4)
    assert divide(features, Data()) is features


@given(
    train=st.integers(3, 40),
    test=st.integers(1, 20),
    folds=st.integers(2, 4),
    fraction=st.sampled_from([None, 0.3, 0.5]),
    seed=st.integers(0, 99),
)
def test_folds_share_out_all_samples(train, test, folds, fraction, seed):
    features = _features(train, test)
    tested = []
    for fold in range(folds):
        options = Data(folds=folds, fold=fold, validation_fraction=fraction, seed=seed)
        parts = _numbers(divide(features, options))
        assert sorted(itertools.chain(*parts)) == list(range(train + test))
        assert parts[2] == _numbers(divide(features, Data(folds=folds, fold=fold, seed=seed)))[2]
        tested += parts[2]
    assert sorted(tested) == list(range(train + test))


@pytest.mark.parametrize("fraction", [0.1, 0.5])
def test_validation_samples_are_training_samples_kept_apart(fraction):
    features = _features(60, 9)
    train, validation, test = _numbers(divide(features, Data(validation_fraction=fraction)))
    assert sorted(train + validation) == list(range(60))
    assert len(validation) == round(fraction * 60)
    assert test == list(range(60, 69))


def test_validation_samples_of_the_source_stay_apart():
    features = _features(20, 10, validation=5)
    _, validation, _ = _numbers(divide(features, Data(folds=3)))
    assert validation == list(range(30, 35))
    message = r"^data\.validation_fraction: leave it out: small has validation samples of its own$"
    with pytest.raises(BephwError, match=message):
        divide(features, Data(validation_fraction=0.1))


def test_seed_decides():
    first, again, other = (
        _numbers(divide(_features(30, 10), Data(folds=2, validation_fraction=0.2, seed=seed))) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_too_few_samples():
    with pytest.raises(BephwError, match=r"^data\.folds must be at most the 3 samples of small, not 4$"):
        divide(_features(2, 1), Data(folds=4))
    for fraction in (0.1, 0.9):
        rule = rf"{fraction} of the 2 training samples of small must be at least one and not all"
        with pytest.raises(BephwError, match=rf"^data\.validation_fraction: {rule}$"):
            divide(_features(2, 1), Data(validation_fraction=fraction))


def test_samples_of_two_shapes_cannot_be_pooled():
    features = _features(2, 1)
    other = Features("small", features.x_train, features.y_train, np.zeros((1, 4)), features.y_test)
    message = r"^small: samples of x_test must have shape \(1,\) as those of x_train, not \(4,\)$"
    with pytest.raises(BephwError, match=message):
        divide(other, Data(folds=2))
