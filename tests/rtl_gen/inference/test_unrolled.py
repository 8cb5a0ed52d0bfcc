"""Unrolled inference against plain integers: predictions, latency, initiation interval, stalls."""

import numpy as np
import pytest

from bephw.rtl_gen.inference.unrolled import UnrolledInference
from bephw.settings import Settings

NETWORKS = [
    {"sizes": [1, 1], "classes": 2},
    {"sizes": [4, 3], "classes": 2},
    {"sizes": [9, 8, 5], "classes": 3, "thresholds": True},
    {"sizes": [12, 15, 7, 6], "classes": 5},
    {"sizes": [33, 16], "classes": 10, "thresholds": True},
    {"sizes": [10, 7], "classes": 4, "scores": True},
    {"sizes": [20, 12, 18], "classes": 6, "thresholds": True, "scores": True},
]


@pytest.mark.parametrize("network", NETWORKS)
def test_a_sample_every_cycle(bench, inference, network):
    settings, state, beats, expected = inference.random_job(0, network=network)
    dut = UnrolledInference(settings, state)
    b = bench(dut)
    source, sink = b.source(dut.samples, beats), b.sink(dut.predictions)
    b.run(len(beats) + 60)
    assert sink.beats == expected
    assert np.all(np.diff(source.taken) == 1)
    assert np.all(np.diff(sink.cycles) == 1)
    assert sink.cycles[0] - source.taken[0] == UnrolledInference.latency(settings)


@pytest.mark.parametrize("network", NETWORKS[2:4])
@pytest.mark.parametrize(("samples", "taken"), [(0.5, 0.0), (0.0, 0.5), (0.4, 0.4), (0.0, 0.95)])
def test_stalls_lose_nothing(bench, inference, network, samples, taken):
    settings, state, beats, expected = inference.random_job(1, network=network)
    dut = UnrolledInference(settings, state)
    b = bench(dut, seed=int(10 * (samples + taken)))
    source, sink = b.source(dut.samples, beats, samples), b.sink(dut.predictions, taken)
    b.run(600 if taken < 0.9 else 3500)
    assert source.exhausted
    assert sink.beats == expected


def test_full_speed_after_a_stop(bench, inference):
    """What is held back while nobody listens comes out without a gap, and full speed goes on."""
    settings, state, beats, expected = inference.random_job(0, network=NETWORKS[3])
    dut = UnrolledInference(settings, state)
    b = bench(dut)
    source = b.source(dut.samples, beats)
    sink = b.sink(dut.predictions, lambda: float(b.cycle < 80))
    b.run(len(beats) + 150)
    assert source.taken.index(max(cycle for cycle in source.taken if cycle < 80)) < 40
    assert sink.beats == expected
    assert np.all(np.diff(sink.cycles) == 1)


@pytest.mark.parametrize(
    ("sizes", "classes", "latency"),
    [([4, 3], 2, 1 + 5 + 4 + 2 + 2), ([192, 63, 63], 10, 1 + 11 + 9 + 8 + 8 + 2), ([784, 64], 2, 1 + 14 + 8 + 2 + 2)],
)
def test_latency(sizes, classes, latency):
    network = {"sizes": sizes, "classes": classes}
    assert UnrolledInference.latency(Settings.build(network=network)) == latency
    scored = Settings.build(network={**network, "scores": True})
    assert UnrolledInference.latency(scored) == latency + (1 if sizes[-1] < 16 else 2)
