"""The files between `simulate` and the bench."""

import numpy as np
import pytest

from bephw.settings import Settings
from bephw.sim.exchange import Job, Outcome
from bephw.sim.job import MidBatchReset, Stalls


@pytest.fixture
def settings():
    return Settings.build(network={"sizes": [9, 4, 3], "classes": 3}, hardware={"columns": 4})


def assert_same(first, second):
    for name, array in first.to_arrays().items():
        assert np.array_equal(array, second.to_arrays()[name]), name


def test_a_job_comes_back(settings, samples, tmp_path):
    generator = np.random.default_rng(1)
    segments = (
        samples.random_segment(settings, generator, 11, rates=(1, 2), end_batch=True),
        samples.random_segment(settings, generator, 0),
        samples.random_segment(settings, generator, 3, learn=False),
    )
    state = samples.random_state(settings, generator)
    job = Job(settings, segments, Stalls(0.1, 0.2, 0.3, 4), state, MidBatchReset(5, 6))
    job.save(tmp_path)
    back = Job.load_from(tmp_path)
    assert (back.settings, back.stalls, back.reset) == (job.settings, job.stalls, job.reset)
    assert_same(back.load, state)
    for ours, theirs in zip(segments, back.segments, strict=True):
        assert np.array_equal(ours.x, theirs.x)
        assert np.array_equal(ours.y, theirs.y)
        assert (ours.learn, ours.rates, ours.end_batch) == (theirs.learn, theirs.rates, theirs.end_batch)


def test_what_a_job_may_lack(settings, tmp_path):
    Job(settings, (), Stalls(), None, None).save(tmp_path)
    back = Job.load_from(tmp_path)
    assert (back.segments, back.load, back.reset) == ((), None, None)


def test_an_outcome_comes_back(settings, samples, tmp_path):
    state = samples.random_state(settings, np.random.default_rng(2))
    outcome = Outcome(np.arange(3), [{"cycles": 5}, {"cycles": 6}], state, {"margin": -2}, 1234)
    outcome.save(tmp_path)
    back = Outcome.load_from(tmp_path, settings)
    assert np.array_equal(back.predictions, outcome.predictions)
    assert (back.statistics, back.registers, back.clocks) == (outcome.statistics, outcome.registers, outcome.clocks)
    assert_same(back.state, state)
