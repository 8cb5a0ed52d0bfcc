"""Packing of counters into memory words."""

import numpy as np
import pytest

from bephw.rtl_gen.weights.counter_words import counter_words
from bephw.shape import LayerShape


@pytest.mark.parametrize("bits", [2, 5, 8, 16])
@pytest.mark.parametrize(
    ("inputs", "outputs", "columns", "update"), [(1, 1, 1, 1), (5, 3, 4, 2), (7, 2, 6, 3), (12, 4, 4, 4), (9, 2, 8, 1)]
)
def test_every_counter_is_in_its_place(bits, inputs, outputs, columns, update):
    shape = LayerShape(0, inputs, outputs, 1, columns, update)
    generator = np.random.default_rng(bits)
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    counters = generator.integers(low, high + 1, (outputs, inputs)).astype(np.int16)
    counters[0, 0], counters[-1, -1] = low, high
    words = counter_words(counters, shape, bits)
    assert len(words) == shape.counter_words
    assert all(type(word) is int for word in words)
    for j in range(outputs):
        for k in range(shape.row_chunks * update):
            word = words[j * shape.row_chunks + k // update]
            field = (word >> (k % update * bits)) & ((1 << bits) - 1)
            assert field == (int(counters[j, k]) % (1 << bits) if k < inputs else 0)
