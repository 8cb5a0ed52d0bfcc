"""Folded inference against plain integers: predictions, latency, initiation interval, stalls."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bephw.rtl_gen.inference.folded import FoldedInference
from bephw.settings import Settings

DESIGNS = {
    "smallest": ({"sizes": [1, 1], "classes": 2}, {"rows": 1, "columns": 1, "stream_width": 1}),
    "all at once": ({"sizes": [6, 5], "classes": 3}, {"rows": 5, "columns": 6, "stream_width": 6}),
    "one lane": ({"sizes": [5, 3], "classes": 2}, {"rows": 1, "columns": 1, "stream_width": 1}),
    "nothing divides": (
        {"sizes": [15, 13, 8, 7], "classes": 5, "thresholds": True},
        {"rows": [4, 3, 7, 2], "columns": [4, 5, 3, 7], "stream_width": 4},
    ),
    "stream decides": (
        {"sizes": [23, 4, 3], "classes": 3},
        {"rows": [4, 3, 3], "columns": [23, 4, 3], "stream_width": 2},
    ),
    "first layer decides": (
        {"sizes": [12, 9, 3], "classes": 4},
        {"rows": [2, 3, 4], "columns": [3, 9, 3], "stream_width": 3},
    ),
    "classifier decides": (
        {"sizes": [6, 8], "classes": 17},
        {"rows": [4, 3], "columns": [6, 3], "stream_width": 8},
    ),
    "words wider than samples": (
        {"sizes": [9, 7], "classes": 3},
        {"rows": [7, 2], "columns": [2, 4], "stream_width": 16},
    ),
    "scores": (
        {"sizes": [15, 13, 8], "classes": 5, "thresholds": True, "scores": True},
        {"rows": [4, 3, 2], "columns": [4, 5, 3], "stream_width": 4},
    ),
    "scores, all at once": (
        {"sizes": [6, 17], "classes": 6, "scores": True},
        {"rows": [17, 6], "columns": [6, 17], "stream_width": 6},
    ),
    "one cycle a layer": (
        {"sizes": [9, 8, 5], "classes": 3, "thresholds": True},
        {"rows": [8, 5, 3], "columns": [9, 8, 5], "stream_width": 9},
    ),
    "generated, parts of words": (
        {"sizes": [70, 9, 40, 6], "classes": 4, "thresholds": True, "generated": [7, 0, 2**32 - 1]},
        {"rows": [4, 3, 3, 2], "columns": [8, 9, 16, 4], "stream_width": 14},
    ),
    "generated, whole words and rows": (
        {"sizes": [150, 7, 39], "classes": 4, "thresholds": True, "generated": [3, 4]},
        {"rows": [3, 5, 4], "columns": [64, 7, 20], "stream_width": 30},
    ),
}


def check_full_speed(bench, inference, sections, count=25):
    """Predictions, and every sample `interval` cycles after the one before, with `latency` cycles each."""
    settings, state, beats, expected = inference.random_job(count, count, **sections)
    dut = FoldedInference(settings, state)
    interval = FoldedInference.interval(settings)
    b = bench(dut)
    source, sink = b.source(dut.samples, inference.as_words(settings, beats)), b.sink(dut.predictions)
    b.run(lambda: len(sink.beats) == count, limit=count * interval + 2_000)
    assert sink.beats == expected
    taken = inference.first_words(settings, source.taken)
    assert set(np.diff(taken)) == set(np.diff(sink.cycles)) == {interval}
    assert sink.cycles[0] - taken[0] == FoldedInference.latency(settings)


@pytest.mark.parametrize(("network", "hardware"), DESIGNS.values(), ids=DESIGNS.keys())
def test_interval_and_latency(bench, inference, network, hardware):
    check_full_speed(bench, inference, {"network": network, "hardware": hardware})


@pytest.mark.parametrize(("network", "hardware"), DESIGNS.values(), ids=DESIGNS.keys())
@pytest.mark.parametrize(("samples", "taken"), [(0.5, 0.0), (0.0, 0.9), (0.4, 0.4)])
def test_stalls_lose_nothing(bench, inference, network, hardware, samples, taken):
    settings, state, beats, expected = inference.random_job(1, 30, network=network, hardware=hardware)
    dut = FoldedInference(settings, state)
    b = bench(dut, seed=int(10 * (samples + taken)))
    source = b.source(dut.samples, inference.as_words(settings, beats), samples)
    sink = b.sink(dut.predictions, taken)
    b.run(lambda: len(sink.beats) == 30, rest=60)
    assert source.exhausted
    assert sink.beats == expected


def test_full_speed_after_a_stop(bench, inference):
    """What is held back while nobody listens comes out without a gap, and full speed goes on."""
    network, hardware = DESIGNS["nothing divides"]
    settings, state, beats, expected = inference.random_job(0, 30, network=network, hardware=hardware)
    dut = FoldedInference(settings, state)
    b = bench(dut)
    source = b.source(dut.samples, inference.as_words(settings, beats))
    sink = b.sink(dut.predictions, lambda: float(b.cycle < 400))
    b.run(lambda: len(sink.beats) == 30, rest=60)
    assert len([cycle for cycle in inference.first_words(settings, source.taken) if cycle < 400]) < 12
    assert sink.beats == expected
    interval = FoldedInference.interval(settings)
    assert set(np.diff(sink.cycles[:3])) == {1}
    assert set(np.diff(sink.cycles[-10:])) == {interval}


@st.composite
def designs(draw):
    """Networks of one to three layers in any folding, with a stream of any width."""
    sizes = draw(st.lists(st.integers(1, 19), min_size=2, max_size=4))
    classes = draw(st.integers(2, 12))
    outputs = [*sizes[1:], classes]
    return {
        "network": {
            "sizes": sizes,
            "classes": classes,
            "thresholds": draw(st.booleans()),
            "scores": draw(st.booleans()),
        },
        "learning": {"gamma": 1},
        "hardware": {
            "rows": [draw(st.integers(1, bound)) for bound in outputs],
            "columns": [draw(st.integers(1, bound)) for bound in sizes],
            "stream_width": draw(st.integers(1, sizes[0] + 2)),
        },
    }


@hypothesis_settings(max_examples=16)
@given(designs())
def test_every_shape_at_full_speed(bench, inference, sections):
    check_full_speed(bench, inference, sections, count=12)


def test_interval_and_latency_in_figures():
    """Step by step, as the documents tell it."""
    settings = Settings.build(
        network={"sizes": [192, 63], "classes": 10}, hardware={"rows": [8, 1], "columns": [96, 21], "stream_width": 12}
    )
    stream = 16 - 1  # words
    layer = 1 + 8 * 2 + (3 + 3) + 2  # gathering, groups x words, the array, beats of the last group
    classifier = (3 + 1) + 10 * 3 + (3 + 2) + 1
    argmax, queue = 3, 2
    assert FoldedInference.interval(settings) == 30
    assert FoldedInference.latency(settings) == stream + layer + classifier + argmax + queue


def test_a_reset_in_the_middle_of_samples(bench, inference):
    """What was inside is lost; what comes afterwards is classified as ever."""
    from amaranth.hdl import Module, ResetInserter, Signal

    network, hardware = DESIGNS["nothing divides"]
    settings, state, beats, expected = inference.random_job(2, 30, network=network, hardware=hardware)
    dut, reset, m = FoldedInference(settings, state), Signal(), Module()
    m.submodules.dut = ResetInserter(reset)(dut)
    b = bench(m)
    before = b.source(dut.samples, inference.as_words(settings, beats[:9]))
    after = b.source(dut.samples, inference.as_words(settings, beats), when=lambda: b.cycle > 130)
    b.watch([reset], lambda _: [(reset, 120 <= b.cycle <= 122)])
    sink = b.sink(dut.predictions)
    b.run(130 + 16 * 40)
    assert before.exhausted
    assert after.exhausted
    assert sink.beats[-30:] == expected
    assert len(sink.beats) < 30 + 9


@pytest.mark.parametrize("thresholds", [False, True])
@pytest.mark.parametrize(("samples", "memories"), [(1, 3), (2, 2 * 6)])
def test_nothing_in_it_learns(inference, thresholds, samples, memories):
    from amaranth.back import rtlil

    network = {"sizes": [12, 9, 8], "classes": 4, "thresholds": thresholds}
    settings, state, *_ = inference.random_job(
        0, network=network, hardware={"rows": 2, "columns": 3, "samples": samples}
    )
    text = rtlil.convert(FoldedInference(settings, state), name="top", emit_src=False)
    modules = [line.removeprefix("module \\") for line in text.splitlines() if line.startswith("module ")]
    for part in (
        "lesson",
        "winner",
        "credit",
        "plane",
        "hidden",
        "counter",
        "reinforce",
        "refresh",
        "teach",
        "transfer",
        "csr",
    ):
        assert not any(part in module for module in modules)
    # Vectors of two layers and the classifier, with several samples their places in a queue, too; and the predictions.
    assert text.count("cell $memwr") == memories + 1
