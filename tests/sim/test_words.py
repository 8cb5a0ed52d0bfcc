"""Samples as words of the stream."""

import numpy as np
import pytest

from bephw.sim.words import SAMPLES_AT_A_TIME, stream_words, words_per_sample


@pytest.mark.parametrize(("inputs", "width"), [(1, 1), (33, 1), (33, 5), (33, 8), (33, 32), (33, 100), (64, 32)])
def test_words_carry_bits_lowest_first_and_the_label_above(inputs, width):
    generator = np.random.default_rng(inputs * width)
    x = generator.integers(0, 2, (7, inputs)).astype(np.uint8)
    y = generator.integers(0, 10, 7)
    words = list(stream_words(x, y, width))
    assert len(words) == 7 * words_per_sample(x, width)
    position = iter(words)
    for bits, label in zip(x, y, strict=True):
        for start in range(0, inputs, width):
            value = sum(int(bit) << index for index, bit in enumerate(bits[start : start + width]))
            assert next(position) == value | int(label) << width


def test_every_step_begins_a_word():
    x = np.random.default_rng(3).integers(0, 2, (4, 3, 5)).astype(np.uint8)
    y = np.arange(4)
    assert words_per_sample(x, 2) == 9
    flat = list(stream_words(x.reshape(12, 5), y.repeat(3), 2))
    assert list(stream_words(x, y, 2)) == flat


def test_many_samples_keep_their_order():
    count = 2 * SAMPLES_AT_A_TIME + 3
    y = np.arange(count)
    assert list(stream_words(np.zeros((count, 2), np.uint8), y, 2)) == [label << 2 for label in range(count)]


def test_no_samples():
    assert list(stream_words(np.zeros((0, 5), np.uint8), np.zeros(0, int), 2)) == []
