"""Whole trainers behind AXI4-Lite and Wishbone, streams on AXI4-Stream: the emitted Verilog against the golden model.

State through the load stream, a reset in mid-batch, segments with learning on and off, batches ended by software.
"""

import numpy as np
import pytest

from bephw.check import compare_training
from bephw.errors import BephwError
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.settings import Settings
from bephw.sim.inference import simulate_inference
from bephw.sim.job import MidBatchReset, Segment, Stalls
from bephw.sim.runner import simulate

DESIGNS = {
    "bep": {
        "network": {"sizes": [13, 6, 4], "classes": 3},
        "learning": {"batch": 5, "gamma": 2, "bits": 4, "r": 0.8, "nu": 0.5, "seed": 1},
        "hardware": {"rows": 2, "columns": 4, "stream_width": 5, "samples": 2, "slots": 4},
    },
    "lbes": {
        "network": {"sizes": [9, 6, 4], "classes": 5},
        "learning": {"algorithm": "lbes", "batch": 4, "gamma": 2, "bits": 4, "r": 0.8, "nu": 0.5, "seed": 2},
        "hardware": {"rows": 2, "columns": 3, "stream_width": 9},
    },
    "bep-tt": {
        "network": {"sizes": [5, 6, 4], "classes": 3},
        "learning": {"algorithm": "bep-tt", "batch": 3, "gamma": 2, "bits": 4, "r": 0.8, "nu": 0.5, "seed": 3},
        "hardware": {"rows": 2, "columns": 4, "stream_width": 3, "slots": 3},
        "data": {"steps": 4},
    },
}


def samples(settings, generator, count, steps=None):
    shape = (count, *(() if steps is None else (steps,)), settings.network.sizes[0])
    x = generator.integers(0, 2, shape, np.uint8)
    return x, generator.integers(0, settings.network.classes, count)


def segments(settings):
    """Two that teach, and one that does not; of a recurrent network every one with samples of another length."""
    generator = np.random.default_rng(4)
    lengths = (4, 1, 3) if settings.recurrent else (None, None, None)
    rates = tuple(3 << 15 for _ in range(settings.network.layers))
    return [
        Segment(*samples(settings, generator, 12, lengths[0]), end_batch=True),
        Segment(*samples(settings, generator, 9, lengths[1]), rates=rates),
        Segment(*samples(settings, generator, 6, lengths[2]), learn=False),
    ]


@pytest.mark.parametrize(
    ("name", "bus"),
    [
        pytest.param("bep", "axi4-lite", marks=pytest.mark.slow),
        pytest.param("bep-tt", "axi4-lite", marks=pytest.mark.slow),
        ("lbes", "wishbone"),
        pytest.param("bep-tt", "wishbone", marks=pytest.mark.slow),
    ],
)
def test_trainers_on_buses_learn_as_the_golden_model(workdir, name, bus):
    settings = Settings.build(**DESIGNS[name])
    report = compare_training(
        settings,
        initial_state(settings),
        segments(settings),
        workdir=workdir,
        stalls=Stalls(samples=0.3, predictions=0.4, transfers=0.2, seed=5),
        reset=MidBatchReset(seed=6),
        optimize=False,
        bus=bus,
    )
    assert not report.mismatches
    assert report.comparisons > 27


@pytest.mark.slow
@pytest.mark.parametrize(("name", "style"), [("bep", "unrolled"), ("bep-tt", "folded")])
def test_inference_on_axi4_stream_classifies_as_the_golden_model(workdir, name, style):
    settings = Settings.build(**DESIGNS[name])
    state = initial_state(settings)
    x, _ = samples(settings, np.random.default_rng(7), 20, 3 if settings.recurrent else None)
    stalls = Stalls(samples=0.3, predictions=0.4, seed=8)
    result = simulate_inference(
        settings, state, x, style=style, workdir=workdir, stalls=stalls, optimize=False, bus="axi4-lite"
    )
    assert (result.prediction == GoldenModel(settings, state).predict(x)[0]).all()


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"bus": "apb"}, "bus must be one of native, wishbone, axi4-lite, not 'apb'"),
        ({"bus": "wishbone", "engine": "fast"}, "engine 'fast' drives bus 'native' only, not 'wishbone'"),
    ],
)
def test_buses_that_cannot_be(workdir, options, rule):
    settings = Settings.build(**DESIGNS["bep"])
    with pytest.raises(BephwError) as caught:
        simulate(settings, initial_state(settings), segments(settings), **options)
    assert str(caught.value) == rule
