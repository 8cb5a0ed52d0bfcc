"""Folded inference of recurrent networks against plain integers: predictions, latency, interval, stalls, lengths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bephw.rtl_gen.inference.folded import FoldedInference

BEP_TT = {"algorithm": "bep-tt"}
DESIGNS = {
    "smallest": ({"sizes": [1, 1, 1], "classes": 2}, {"rows": 1, "columns": 1, "stream_width": 1}, 3),
    "nothing divides": (
        {"sizes": [7, 13, 8, 5], "classes": 5, "thresholds": True},
        {"rows": [4, 3, 2, 2], "columns": [5, 6, 3, 4], "stream_width": 4},
        6,
    ),
    "scores": (
        {"sizes": [5, 9, 8], "classes": 4, "thresholds": True, "scores": True},
        {"rows": [4, 3, 2], "columns": [5, 6, 3], "stream_width": 4},
        4,
    ),
    "all at once": (
        {"sizes": [5, 9, 4], "classes": 3},
        {"rows": [9, 4, 3], "columns": [14, 9, 4], "stream_width": 5},
        8,
    ),
    "one lane, one step": ({"sizes": [4, 3, 2], "classes": 2}, {"rows": 1, "columns": 1, "stream_width": 4}, 1),
    "the classifier decides": ({"sizes": [3, 8, 7], "classes": 17}, {"rows": [8, 7, 1], "columns": [11, 8, 2]}, 2),
    "the stream decides": (
        {"sizes": [18, 4, 3], "classes": 3},
        {"rows": [4, 3, 3], "columns": [9, 4, 3], "stream_width": 1},
        4,
    ),
}


def as_words(settings, x):
    """Words of the stream for samples (n, steps, K_0), with noise where a step's last one is too long."""
    width, inputs = settings.hardware.stream_width, x.shape[-1]
    for number, bits in enumerate(x.reshape(-1, inputs)):
        step = sum(int(bit) << place for place, bit in enumerate(bits))
        words = -(-inputs // width)
        step |= ((1 << words * width) - (1 << inputs)) * (number % 2)
        for word in range(words):
            yield {"data": step >> word * width & ((1 << width) - 1)}


def labels(sink):
    return [beat["label"] for beat in sink.beats]


def check_full_speed(bench, inference, sections, count=15, steps=None):
    """Predictions; `latency` cycles for a first sample alone; then a sample every `interval` cycles on the whole.

    Many samples may take less than the latency of one and the intervals of the others, as a sample alone leaves the
    array idle; but never less than the intervals of all.
    """
    settings, state, x, expected = inference.random_series(count, count, steps, **sections)
    timed = settings.replace({"data.steps": x.shape[1]})
    latency, interval = FoldedInference.latency(timed), FoldedInference.interval(timed)
    dut = FoldedInference(settings, state)
    b = bench(dut)
    b.set(dut.steps, x.shape[1])
    words = list(as_words(settings, x))
    each = len(words) // count
    first = b.source(dut.samples, words[:each])
    others = b.source(dut.samples, words[each:], when=lambda: len(sink.beats) > 0)
    sink = b.sink(dut.predictions)
    b.run(lambda: len(sink.beats) == count, limit=latency + 2 * count * interval + 2_000)
    assert labels(sink) == list(expected)
    assert sink.cycles[0] - first.taken[0] == latency
    took = sink.cycles[-1] - others.taken[0]
    assert (count - 1) * interval <= took <= latency + (count - 1) * interval


@pytest.mark.parametrize(("network", "hardware", "steps"), DESIGNS.values(), ids=DESIGNS.keys())
def test_interval_and_latency(bench, inference, network, hardware, steps):
    sections = {"network": network, "hardware": hardware, "learning": BEP_TT, "data": {"steps": steps}}
    check_full_speed(bench, inference, sections)


@pytest.mark.parametrize("steps", [1, 4])
def test_samples_shorter_than_the_longest(bench, inference, steps):
    network, hardware, most = DESIGNS["nothing divides"]
    sections = {"network": network, "hardware": hardware, "learning": BEP_TT, "data": {"steps": most}}
    check_full_speed(bench, inference, sections, steps=steps)


@pytest.mark.parametrize("name", ["nothing divides", "all at once", "the classifier decides"])
@pytest.mark.parametrize(("samples", "taken"), [(0.5, 0.0), (0.0, 0.9), (0.4, 0.4)])
def test_stalls_lose_nothing(bench, inference, name, samples, taken):
    network, hardware, steps = DESIGNS[name]
    settings, state, x, expected = inference.random_series(
        1, 12, network=network, hardware=hardware, learning=BEP_TT, data={"steps": steps}
    )
    dut = FoldedInference(settings, state)
    b = bench(dut, seed=int(10 * (samples + taken)))
    b.set(dut.steps, steps)
    source = b.source(dut.samples, as_words(settings, x), samples)
    sink = b.sink(dut.predictions, taken)
    b.run(lambda: len(sink.beats) == 12, rest=60)
    assert source.exhausted
    assert labels(sink) == list(expected)


@pytest.mark.parametrize("taken", [0.0, 0.8])
def test_every_sample_may_have_a_length_of_its_own(bench, inference, taken):
    """`steps` changes with a sample's first word, and counts in no other."""
    network, hardware, most = DESIGNS["all at once"]
    sections = {"network": network, "hardware": hardware, "learning": BEP_TT, "data": {"steps": most}}
    settings, state, x, _ = inference.random_series(5, 40, **sections)
    lengths = np.random.default_rng(0).integers(1, most + 1, len(x))
    series = [sample[None, :length] for sample, length in zip(x, lengths, strict=True)]
    expected = [int(inference.predictions(state, sample)[0]) for sample in series]
    words = [word for sample in series for word in as_words(settings, sample)]
    starts = np.concatenate([[0], np.cumsum(lengths)])  # a word a step
    dut = FoldedInference(settings, state)
    b = bench(dut, seed=3)
    b.set(dut.steps, int(lengths[0]))
    source, sink = b.source(dut.samples, words), b.sink(dut.predictions, taken)

    def length(_):
        at = len(source.taken)
        first = at in starts[:-1]
        return [(dut.steps, int(lengths[list(starts).index(at)]) if first else b.random.randint(1, most))]

    b.watch([dut.samples.ready], length)
    b.run(lambda: len(sink.beats) == len(series), rest=30)
    assert labels(sink) == expected


@st.composite
def designs(draw):
    """A cell and up to two layers in any folding, with a stream of any width."""
    sizes = draw(st.lists(st.integers(1, 15), min_size=3, max_size=4))
    classes = draw(st.integers(2, 9))
    outputs, inputs = [*sizes[1:], classes], [sizes[0] + sizes[1], *sizes[1:]]
    return {
        "network": {
            "sizes": sizes,
            "classes": classes,
            "thresholds": draw(st.booleans()),
            "scores": draw(st.booleans()),
        },
        "learning": BEP_TT,
        "hardware": {
            "rows": [draw(st.integers(1, bound)) for bound in outputs],
            "columns": [draw(st.integers(1, bound)) for bound in inputs],
            "stream_width": draw(st.integers(1, sizes[0] + 2)),
        },
        "data": {"steps": draw(st.integers(1, 7))},
    }


@hypothesis_settings(max_examples=8)
@given(designs())
def test_every_shape_at_full_speed(bench, inference, sections):
    check_full_speed(bench, inference, sections, count=9)


def test_a_network_of_the_baseline(bench, inference):
    """A cell and nothing behind it but the classifier."""
    sections = {
        "network": {"sizes": [6, 11], "classes": 4, "thresholds": True},
        "learning": {"algorithm": "ste"},
        "hardware": {"rows": [4, 2], "columns": [5, 6], "stream_width": 3},
        "data": {"window": 6, "steps": 5},
    }
    check_full_speed(bench, inference, sections)


def test_a_reset_in_the_middle_of_samples(bench, inference):
    """What was inside is lost; what comes afterwards is classified as ever."""
    from amaranth.hdl import Module, ResetInserter, Signal

    network, hardware, most = DESIGNS["nothing divides"]
    sections = {"network": network, "hardware": hardware, "learning": BEP_TT, "data": {"steps": most}}
    settings, state, x, expected = inference.random_series(2, 10, **sections)
    words = list(as_words(settings, x))
    dut, reset, m = FoldedInference(settings, state), Signal(), Module()
    m.submodules.dut = ResetInserter(reset)(dut)
    b = bench(m)
    b.set(dut.steps, most)
    before = b.source(dut.samples, words[:33])
    after = b.source(dut.samples, words, when=lambda: b.cycle > 330)
    b.watch([reset], lambda _: [(reset, 320 <= b.cycle <= 322)])
    sink = b.sink(dut.predictions)
    b.run(lambda: after.exhausted, rest=800)
    assert before.exhausted
    assert labels(sink)[-len(expected) :] == list(expected)
    assert len(sink.beats) - len(expected) < 33 / 2
