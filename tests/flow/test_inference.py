"""Inference in simulation against the golden model; the comparison itself is tested with `bephw sim`."""

import dataclasses

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.flow.inference import cosimulate_inference
from bephw.flow.learning import prepare
from bephw.golden.initial import initial_state
from bephw.settings import Settings


@pytest.fixture(scope="module")
def job():
    """Settings, a fresh state, and the digits."""
    settings, dataset = prepare(Settings.build(network={"sizes": [64, 5], "classes": 10}, data={"name": "digits"}))
    return settings, initial_state(settings), dataset


def test_there_must_be_samples(job):
    with pytest.raises(BephwError, match="held-out samples: at least 1 is needed to compare inference"):
        cosimulate_inference(*job, style="folded", held_out=0)


def test_a_state_of_other_shapes_is_refused(job):
    settings, state, dataset = job
    wrong = dataclasses.replace(state, counters=(np.zeros((5, 63), np.int16),))
    with pytest.raises(BephwError, match="counters_0 must have shape"):
        cosimulate_inference(settings, wrong, dataset, style="folded", held_out=3)
