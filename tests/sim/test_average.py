"""The average of the weights where the hardware learns: the bench keeps it as a host would, and training goes on."""

import numpy as np
import pytest

from bephw.average import WeightAverage
from bephw.check import compare_training
from bephw.errors import BephwError
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.settings import Settings
from bephw.sim.job import Segment, Stalls, check_segments

SETTINGS = Settings.build(
    network={"sizes": [20, 9, 6], "classes": 4},
    learning={"gamma": 3, "nu": 0.5, "batch": 7, "bits": 5, "r": 0.6, "average": 2, "rates": 90_000},
    hardware={"rows": [4, 3, 2], "columns": [8, 5, 6], "stream_width": 6},
)


@pytest.fixture(scope="module")
def segments():
    """Four epochs, each followed by a classification with the average."""
    generator = np.random.default_rng(4)
    found = []
    for _ in range(4):
        x = generator.integers(0, 2, (40, 20)).astype(np.uint8)
        found.append(Segment(x, x[:, :2] @ [1, 2], end_batch=True))
        x = generator.integers(0, 2, (30, 20)).astype(np.uint8)
        found.append(Segment(x, x[:, :2] @ [1, 2], learn=False, average=True))
    return found


@pytest.mark.parametrize(
    ("memory", "options"),
    [
        ("bram", {}),
        pytest.param(
            "spram",
            {"stalls": Stalls(samples=0.3, predictions=0.3, transfers=0.3, seed=1)},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_predictions_of_the_average_and_training_as_without(workdir, segments, memory, options):
    settings, state = SETTINGS.replace({"hardware.counter_memory": memory}), initial_state(SETTINGS)
    report = compare_training(settings, state, segments, workdir=workdir, optimize=False, **options)
    assert report.mismatches == []
    plain = [segment for segment in segments if segment.learn]
    model, average, averaged = GoldenModel(settings, state), WeightAverage(2), []
    for epoch, classified in zip(plain, segments[1::2], strict=True):
        model.train(epoch.x, epoch.y)
        model.end_batch()
        shown = average.add(model.state).network(model.state, 5)
        averaged.append(GoldenModel(settings, shown).predict(classified.x)[0])
    assert all(np.array_equal(*pair) for pair in zip(report.result.average, average.weights, strict=True))
    assert all(np.array_equal(*pair) for pair in zip(report.result.state.counters, model.state.counters, strict=True))
    found = np.split(report.result.prediction, np.cumsum([s.samples for s in segments])[:-1])[1::2]
    assert np.array_equal(np.concatenate(found), np.concatenate(averaged))
    last = model.predict(segments[-1].x)[0]
    assert not np.array_equal(averaged[-1], last), "the average must not be the last weights, or nothing is shown"


def test_segments_that_cannot_be():
    x, y = np.zeros((1, 20), np.uint8), np.zeros(1, int)
    for settings, segment in (
        (SETTINGS, Segment(x, y, average=True)),
        (SETTINGS.replace({"learning.average": None}), Segment(x, y, learn=False, average=True)),
    ):
        with pytest.raises(
            BephwError, match=r"^segment 0: average is for classification, and needs learning\.average$"
        ):
            check_segments(settings, [segment])
