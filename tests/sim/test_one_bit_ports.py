"""Designs with ports, counters and addresses of one bit: two classes, streams of one bit, layers of one output."""

import numpy as np
import pytest

from bephw.check import compare_training
from bephw.golden.model import GoldenModel
from bephw.rtl_gen.verilog import STYLES
from bephw.settings import Settings
from bephw.sim.inference import simulate_inference
from bephw.sim.job import Stalls

NETWORKS = [[1, 1], [5, 3, 1], [2, 1, 2]]
STALLS = Stalls(samples=0.3, predictions=0.3, transfers=0.3, seed=1)


def one_of_everything(sizes):
    """Two classes, and all that can be one is one."""
    return Settings.build(
        network={"sizes": sizes, "classes": 2},
        learning={"bits": 2, "batch": 3, "rates": 70_000, "nu": 0.5},
        hardware={"rows": 1, "columns": 1, "stream_width": 1, "slots": 1},
    )


def job(settings, samples):
    generator = np.random.default_rng(3)
    return samples.random_state(settings, generator), samples.random_segment(settings, generator, 40, end_batch=True)


# Compiled by Icarus in a moment, by Verilator in several: one of them has all that the others have.
@pytest.mark.parametrize(
    ("simulator", "sizes"),
    [*(("icarus", sizes) for sizes in NETWORKS), pytest.param("verilator", NETWORKS[1], marks=pytest.mark.slow)],
    indirect=["simulator"],
)
def test_trainer(simulator, workdir, samples, sizes):
    settings = one_of_everything(sizes)
    state, segment = job(settings, samples)
    report = compare_training(
        settings, state, [segment], simulator=simulator, workdir=workdir, load=True, stalls=STALLS, optimize=False
    )
    assert not report.mismatches
    assert report.comparisons > 80


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("simulator", "sizes"),
    [
        ("icarus", NETWORKS[0]),
        ("icarus", NETWORKS[1]),
        pytest.param("verilator", NETWORKS[1], marks=pytest.mark.slow),
    ],
    indirect=["simulator"],
)
def test_inference(simulator, workdir, samples, sizes, style):
    settings = one_of_everything(sizes)
    state, segment = job(settings, samples)
    prediction, _ = GoldenModel(settings, state).predict(segment.x)
    result = simulate_inference(
        settings, state, segment.x, style=style, simulator=simulator, workdir=workdir, stalls=STALLS, optimize=False
    )
    assert np.array_equal(result.prediction, prediction)
