"""What the simulation is held against is the training loop itself."""

import numpy as np
import pytest

from bephw.data import load
from bephw.flow.cosimulation import expected
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


def test_fewer_samples(dataset):
    golden = expected(SETTINGS, dataset, epochs=2, samples=30, held_out=0)
    assert [segment.samples for segment in golden.segments] == [30, 30]
