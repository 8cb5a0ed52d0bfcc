"""What the simulation is held against is the training loop itself."""

import numpy as np
import pytest

from bephw.data import load
from bephw.errors import BephwError
from bephw.flow.cosimulation import cosimulate, expected
from bephw.golden.training import fit
from bephw.settings import Settings

SETTINGS = Settings.build(network={"sizes": [64, 6], "classes": 10}, learning={"gamma": 3, "batch": 20, "p_r": 0.5})


@pytest.fixture(scope="module")
def dataset():
    return load(SETTINGS.data, classes=10)


def test_expected_trains_as_fit_does(dataset):
    golden = expected(SETTINGS, dataset, epochs=3)
    result = fit(SETTINGS, dataset, epochs=3)
    for name, array in result.state.to_arrays().items():
        np.testing.assert_array_equal(golden.end.to_arrays()[name], array)
    assert [segment.rates for segment in golden.segments[:3]] == [epoch.rates for epoch in result.history]
    held_out = golden.prediction[golden.training_samples :]
    assert (held_out == dataset.y_test).mean() == result.history[-1].test_accuracy


def test_segments_are_whole_epochs_and_the_held_out_set(dataset):
    golden = expected(SETTINGS, dataset, epochs=2)
    n, held_out = len(dataset.y_train), len(dataset.y_test)
    assert [(s.samples, s.learn, s.end_batch) for s in golden.segments] == [
        (n, True, True),
        (n, True, True),
        (held_out, False, False),
    ]
    assert golden.training_samples == 2 * n
    assert golden.prediction.shape == golden.taught.shape == (2 * n + held_out,)


def test_what_classifies_does_not_lag(dataset):
    """A batch without a sample before the held-out ones, which are classified by all that was learnt."""
    settings = SETTINGS.replace({"learning.lag": 1})
    golden, result = expected(settings, dataset, epochs=2), fit(settings, dataset, epochs=2)
    held_out = golden.prediction[golden.training_samples :]
    assert (held_out == dataset.y_test).mean() == result.history[-1].test_accuracy
    assert [(s.samples, s.learn, s.end_batch) for s in golden.segments[2:]] == [
        (0, False, True),
        (len(dataset.y_test), False, False),
    ]


def test_the_local_rule_says_of_every_layer_whether_it_was_taught(dataset):
    settings = SETTINGS.replace({"network.sizes": [64, 6, 4], "learning.algorithm": "lbes", "learning.gamma": 2})
    golden = expected(settings, dataset, epochs=2, samples=30, held_out=5, average=True)
    assert golden.taught.shape == (len(golden.prediction), 2)
    learning = np.repeat([segment.learn for segment in golden.segments], [s.samples for s in golden.segments])
    assert golden.taught[learning].any(axis=0).all() and not golden.taught[~learning].any()


def test_fewer_samples(dataset):
    golden = expected(SETTINGS, dataset, epochs=2, samples=30, held_out=0)
    assert [segment.samples for segment in golden.segments] == [30, 30]


def test_the_average_is_that_of_fit(dataset):
    """After every epoch, and training is the same as without."""
    settings = SETTINGS.replace({"learning.average": 2})
    golden = expected(settings, dataset, epochs=3, average=True)
    result = fit(settings, dataset, epochs=3)
    averaged = np.split(golden.prediction[golden.samples_of(learn=False, average=True)], 3)
    assert [(part == dataset.y_test).mean() for part in averaged] == [epoch.test_accuracy for epoch in result.history]
    assert [(segment.learn, segment.average) for segment in golden.segments] == [(True, False), (False, True)] * 3 + [
        (False, False)
    ]
    plain = expected(SETTINGS, dataset, epochs=3)
    learning, held_out = golden.samples_of(learn=True), golden.samples_of(learn=False)
    np.testing.assert_array_equal(golden.prediction[learning | held_out], plain.prediction)
    for name, array in plain.end.to_arrays().items():
        np.testing.assert_array_equal(golden.end.to_arrays()[name], array)


def test_an_average_needs_a_memory_and_samples(dataset):
    with pytest.raises(BephwError, match=r"^learning\.average must be given for the average"):
        cosimulate(SETTINGS, dataset, epochs=1, average=True)
    with pytest.raises(BephwError, match=r"^held-out samples: at least 1 is needed for the average"):
        cosimulate(SETTINGS.replace({"learning.average": 2}), dataset, epochs=1, held_out=0, average=True)
