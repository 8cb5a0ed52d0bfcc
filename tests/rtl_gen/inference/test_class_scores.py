"""Scores of classes against multiplications of Python's integers."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bephw.rtl_gen.inference.class_scores import ClassScores, score_width

CLASSES = {
    "two, no scale": (1, [0, 0], [0, 1]),
    "offsets alone": (9, [1, 1, 1], [0, 7, 3]),
    "low bits": (15, [4, 4, 4, 4], [1, 16, 3, 2]),
    "two tables": (16, [3, 0, 100], [5, 77, 0]),
    "odd scales": (64, [4095, 4096, 2731, 1, 0], [0, 123_456, 777, 2**20, 1]),
    "four tables": (65_535, [2**24, 0, 12_345_679], [2**48, 5, 2**40]),
}


def check_scores(bench, inputs, scales, offsets, cycles):
    dut = ClassScores(inputs, scales, offsets)
    largest = max(scale * inputs + offset for scale, offset in zip(scales, offsets, strict=True))
    assert dut.width == score_width(inputs, scales, offsets) == max(1, largest.bit_length())
    latency = ClassScores.latency(inputs)
    b = bench(dut, seed=inputs)
    sent = []

    def step(scores):
        if len(sent) > latency:
            counts = sent[-latency - 1]
            assert scores == [s * m + o for s, m, o in zip(scales, counts, offsets, strict=True)]
        sent.append([b.random.choice([0, inputs, b.random.randint(0, inputs)]) for _ in scales])
        return [(dut.counts[place], count) for place, count in enumerate(sent[-1])]

    b.watch([dut.scores], step)
    b.run(cycles)
    assert len(sent) > cycles - 5


@pytest.mark.parametrize("name", list(CLASSES))
def test_scale_times_matches_and_offset(bench, name):
    check_scores(bench, *CLASSES[name], cycles=80)


@hypothesis_settings(max_examples=15)
@given(data=st.data())
def test_any_scales_and_offsets(bench, data):
    inputs = data.draw(st.one_of(st.integers(1, 40), st.integers(1, 65_535)))
    classes = data.draw(st.integers(2, 4))
    scales = data.draw(
        st.lists(st.one_of(st.integers(0, 9), st.integers(0, 2**24)), min_size=classes, max_size=classes)
    )
    offsets = data.draw(st.lists(st.integers(0, 2**20), min_size=classes, max_size=classes))
    check_scores(bench, inputs, scales, offsets, cycles=25)


@pytest.mark.parametrize(("inputs", "latency"), [(1, 1), (15, 1), (16, 2), (255, 2), (256, 3), (65_535, 3)])
def test_latency(inputs, latency):
    assert ClassScores.latency(inputs) == latency
