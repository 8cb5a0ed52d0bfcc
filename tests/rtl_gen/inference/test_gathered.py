"""Folded inference of several samples at a time against plain integers: predictions, latency, interval, stalls."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bephw.rtl_gen.inference.folded import FoldedInference
from bephw.settings import Settings

DESIGNS = {
    "smallest": (
        {"sizes": [1, 1], "classes": 2},
        {"rows": 1, "columns": 1, "stream_width": 1, "samples": 2, "slots": 2},
    ),
    "nothing divides": (
        {"sizes": [15, 13, 8, 7], "classes": 5, "thresholds": True},
        {"rows": [4, 3, 7, 5], "columns": [4, 5, 3, 7], "stream_width": 4, "samples": 3, "slots": 6},
    ),
    "scores": (
        {"sizes": [15, 13, 8], "classes": 7, "thresholds": True, "scores": True},
        {"rows": [4, 3, 4], "columns": [4, 5, 4], "stream_width": 4, "samples": 2, "slots": 4},
    ),
    "more, fewer": (
        {"sizes": [24, 20, 12, 10], "classes": 4, "thresholds": True},
        {"rows": [2, 5, 2, 4], "columns": [4, 10, 3, 10], "stream_width": 24, "samples": [4, 1, 5], "slots": 20},
    ),
    "first layer decides": (
        {"sizes": [40, 30, 12], "classes": 4},
        {"rows": [2, 6, 4], "columns": [8, 10, 6], "stream_width": 8, "samples": [5, 1], "slots": 10},
    ),
    "second layer decides": (
        {"sizes": [20, 30, 24], "classes": 3},
        {"rows": [10, 2, 3], "columns": [10, 6, 12], "stream_width": 20, "samples": [2, 4], "slots": 8},
    ),
    "classifier decides": (
        {"sizes": [6, 8], "classes": 17},
        {"rows": [4, 3], "columns": [6, 3], "stream_width": 8, "samples": 4, "slots": 4},
    ),
    "stream decides": (
        {"sizes": [23, 4, 3], "classes": 3},
        {"rows": [4, 3, 3], "columns": [23, 4, 3], "stream_width": 2, "samples": 2, "slots": 4},
    ),
    "generated": (
        {"sizes": [70, 9, 40], "classes": 4, "thresholds": True, "generated": [7, 8]},
        {"rows": [4, 3, 2], "columns": [32, 9, 8], "stream_width": 35, "samples": [3, 1], "slots": 3},
    ),
}


def check_full_speed(bench, inference, sections, count=40):
    """Predictions; `latency` cycles for the first; then a sample every `interval` cycles on average."""
    settings, state, beats, expected = inference.random_job(count, count, **sections)
    dut = FoldedInference(settings, state)
    interval, latency = FoldedInference.interval(settings), FoldedInference.latency(settings)
    b = bench(dut)
    source, sink = b.source(dut.samples, inference.as_words(settings, beats)), b.sink(dut.predictions)
    b.run(lambda: len(sink.beats) == count, limit=math.ceil(2 * count * interval) + latency + 500)
    assert sink.beats == expected
    assert sink.cycles[0] - inference.first_words(settings, source.taken)[0] == latency
    # Which of the last samples pass together is chance: that is more or less than an interval each.
    half, together = count // 2, max(settings.samples)
    took = sink.cycles[-1] - sink.cycles[half - 1]
    assert (half - together) * interval <= took <= (half + together) * interval


@pytest.mark.parametrize(("network", "hardware"), DESIGNS.values(), ids=DESIGNS.keys())
def test_interval_and_latency(bench, inference, network, hardware):
    check_full_speed(bench, inference, {"network": network, "hardware": hardware})


@pytest.mark.parametrize("name", ["smallest", "nothing divides", "more, fewer", "generated"])
@pytest.mark.parametrize(("samples", "taken"), [(0.5, 0.0), (0.0, 0.9), (0.4, 0.4)])
def test_stalls_lose_nothing(bench, inference, name, samples, taken):
    network, hardware = DESIGNS[name]
    settings, state, beats, expected = inference.random_job(1, 20, network=network, hardware=hardware)
    dut = FoldedInference(settings, state)
    b = bench(dut, seed=int(10 * (samples + taken)))
    source = b.source(dut.samples, inference.as_words(settings, beats), samples)
    sink = b.sink(dut.predictions, taken)
    b.run(lambda: len(sink.beats) == 20, rest=60)
    assert source.exhausted
    assert sink.beats == expected


@pytest.mark.parametrize("name", ["nothing divides", "second layer decides"])
def test_nobody_waits_for_company(bench, inference, name):
    """A sample that is alone takes `latency` cycles, whichever channels it passes through."""
    network, hardware = DESIGNS[name]
    settings, state, beats, expected = inference.random_job(3, 9, network=network, hardware=hardware)
    dut = FoldedInference(settings, state)
    b = bench(dut)
    words = list(inference.as_words(settings, beats))
    each = len(words) // len(beats)
    sources = [
        b.source(dut.samples, words[at * each : (at + 1) * each], when=lambda at=at: len(sink.beats) == at)
        for at in range(len(beats))
    ]
    sink = b.sink(dut.predictions)
    b.run(lambda: len(sink.beats) == len(beats))
    assert sink.beats == expected
    took = [end - source.taken[0] for end, source in zip(sink.cycles, sources, strict=True)]
    assert took == [FoldedInference.latency(settings)] * len(beats)


CELLS = {
    "behind the cell only": (
        {"sizes": [7, 13, 8, 5], "classes": 5, "thresholds": True},
        {"rows": [13, 1, 2, 2], "columns": [20, 6, 3, 4], "stream_width": 7, "samples": [1, 2, 4], "slots": 4},
        Fraction(8 * 3, 2),  # the first layer behind the cell decides
    ),
    "in the cell": (
        {"sizes": [7, 13, 8], "classes": 5, "thresholds": True},
        {"rows": [4, 3, 5], "columns": [5, 6, 8], "stream_width": 7, "samples": [3, 1], "slots": 3},
        3 * Fraction(4 * 5, 3),
    ),
    "many in turn": (
        {"sizes": [12, 24, 4], "classes": 3},
        {"rows": [24, 4, 3], "columns": [12, 24, 4], "stream_width": 12, "samples": [3, 3], "slots": 3},
        3 * Fraction(3, 3),
    ),
    "the stream decides": (
        {"sizes": [18, 4, 3], "classes": 3},
        {"rows": [4, 3, 3], "columns": [9, 4, 3], "stream_width": 1, "samples": [2, 4], "slots": 4},
        Fraction(3 * 18),
    ),
}


def steps_as_words(x, width):
    """Words of the stream for samples of any lengths, each of bits (steps, K_0)."""
    for step in np.concatenate(x):
        bits = sum(int(bit) << k for k, bit in enumerate(step))
        for at in range(0, len(step), width):
            yield {"data": bits >> at & ((1 << width) - 1)}


def check_series_at_full_speed(bench, inference, sections, count=30):
    """`latency` cycles for a first sample alone; then a sample every `interval` cycles on the whole."""
    settings, state, x, expected = inference.random_series(5, count, **sections)
    dut = FoldedInference(settings, state)
    interval, latency = FoldedInference.interval(settings), FoldedInference.latency(settings)
    width = settings.hardware.stream_width
    b = bench(dut)
    b.set(dut.steps, settings.data.steps)
    first = b.source(dut.samples, steps_as_words(x[:1], width))
    others = b.source(dut.samples, steps_as_words(x[1:], width), when=lambda: len(sink.beats) > 0)
    sink = b.sink(dut.predictions)
    b.run(lambda: len(sink.beats) == count)
    assert [beat["label"] for beat in sink.beats] == list(expected)
    assert sink.cycles[0] - first.taken[0] == latency
    together, took = max(settings.samples), sink.cycles[-1] - others.taken[0]
    assert (count - 1 - together) * interval <= took <= latency + (count - 1 + together) * interval


@pytest.mark.parametrize(("network", "hardware", "interval"), CELLS.values(), ids=CELLS.keys())
def test_recurrent_networks(bench, inference, network, hardware, interval):
    sections = {"network": network, "hardware": hardware, "learning": {"algorithm": "bep-tt"}, "data": {"steps": 3}}
    assert FoldedInference.interval(Settings.build(**sections)) == float(interval)
    check_series_at_full_speed(bench, inference, sections)


@pytest.mark.parametrize("name", ["in the cell", "many in turn"])
@pytest.mark.parametrize(("stall", "taken"), [(0.0, 0.0), (0.0, 0.95), (0.5, 0.3)])
def test_series_of_any_length(bench, inference, name, stall, taken):
    """Samples that are shorter than those before them do not overtake them."""
    network, hardware, _ = CELLS[name]
    settings, state, x, _ = inference.random_series(
        6, 25, network=network, learning={"algorithm": "bep-tt"}, hardware=hardware, data={"steps": 7}
    )
    lengths = np.random.default_rng(1).choice([1, 2, 7], len(x))
    series = [sample[:length] for sample, length in zip(x, lengths, strict=True)]
    expected = [inference.predictions(state, sample[None])[0] for sample in series]
    firsts = np.cumsum([0, *lengths])  # steps before each sample; a word is a step
    dut = FoldedInference(settings, state)
    b = bench(dut, seed=int(10 * stall))
    source = b.source(dut.samples, steps_as_words(series, hardware["stream_width"]), stall)
    b.set(dut.steps, int(lengths[0]))
    b.watch(
        [dut.samples.ready],
        lambda _: [(dut.steps, int(lengths[min(np.searchsorted(firsts, len(source.taken)), len(x) - 1)]))],
    )
    sink = b.sink(dut.predictions, taken)
    b.run(lambda: len(sink.beats) == len(x), rest=60)
    assert [beat["label"] for beat in sink.beats] == expected


def test_a_reset_in_the_middle_of_samples(bench, inference):
    """What was inside is lost; what comes afterwards is classified as ever."""
    from amaranth.hdl import Module, ResetInserter, Signal

    network, hardware = DESIGNS["nothing divides"]
    settings, state, beats, expected = inference.random_job(2, 30, network=network, hardware=hardware)
    dut, reset, m = FoldedInference(settings, state), Signal(), Module()
    m.submodules.dut = ResetInserter(reset)(dut)
    b = bench(m)
    before = b.source(dut.samples, inference.as_words(settings, beats[:9]))
    after = b.source(dut.samples, inference.as_words(settings, beats), when=lambda: b.cycle > 90)
    b.watch([reset], lambda _: [(reset, 80 <= b.cycle <= 82)])
    sink = b.sink(dut.predictions)
    b.run(lambda: after.exhausted, rest=300)
    assert before.exhausted
    assert sink.beats[-30:] == expected
    assert len(sink.beats) < 30 + 9


@st.composite
def designs(draw, layers, *, recurrent=False):
    """Networks of so many layers in any folding, with any numbers of channels, and a stream of any width."""
    sizes = draw(st.lists(st.integers(1, 19), min_size=min(layers) + 1, max_size=max(layers) + 1))
    classes = draw(st.integers(2, 12))
    outputs, inputs = [*sizes[1:], classes], [sizes[0] + recurrent * sizes[1], *sizes[1:]]
    allowed = draw(st.sampled_from([(1, 5), (1, 2, 4), (1, 3)]))
    samples = [draw(st.sampled_from(allowed)) for _ in sizes[1:]]
    return {
        "network": {
            "sizes": sizes,
            "classes": classes,
            "thresholds": draw(st.booleans()),
            "scores": draw(st.booleans()),
        },
        "learning": {"gamma": 1, "algorithm": "bep-tt" if recurrent else "bep"},
        "hardware": {
            "rows": [draw(st.integers(1, bound)) for bound in outputs],
            "columns": [draw(st.integers(1, bound)) for bound in inputs],
            "stream_width": draw(st.integers(1, sizes[0] + 2)),
            "samples": samples if max(samples) > 1 else allowed[-1],
            "slots": math.lcm(*allowed),
        },
        "data": {"steps": draw(st.integers(1, 5)) if recurrent else None},
    }


@pytest.mark.slow
@hypothesis_settings(max_examples=12)
@given(designs((1, 2, 3)))
def test_every_shape_at_full_speed(bench, inference, sections):
    check_full_speed(bench, inference, sections)


@pytest.mark.slow
@hypothesis_settings(max_examples=12)
@given(designs((2, 3), recurrent=True))
def test_every_cell_at_full_speed(bench, inference, sections):
    check_series_at_full_speed(bench, inference, sections)
