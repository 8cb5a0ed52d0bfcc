# amaranth: UnusedElaboratable=no
"""Generators of weights against the matrix in plain integers, in the order of the walk."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bephw.errors import BephwError
from bephw.generated import columns_fit
from bephw.rtl_gen.inference.row_generators import RowGenerators
from bephw.rtl_gen.inference.weight_source import Generated, StoredWeights, weight_source, weight_words
from bephw.shape import LayerShape


def check_walk(bench, dut, shape, words, latency, *, passes, pause):
    """Every word, `latency` cycles after its step, over several passes, with and without cycles between steps."""
    b = bench(dut, seed=shape.outputs)
    steps, expected = 0, {}

    def step(data):
        nonlocal steps
        if b.cycle in expected:
            assert data == expected.pop(b.cycle)
        if steps == passes * len(words) or b.random.random() < pause:
            return [(dut.step, 0)]
        place = steps % len(words)
        steps += 1
        expected[b.cycle + 1 + latency] = words[place]
        last = int(place % shape.words == shape.words - 1)
        return [(dut.step, 1), (dut.last, last), (dut.ends, int(place == len(words) - 1))]

    b.watch([dut.data], step)
    b.run(lambda: steps == passes * len(words) and not expected)


SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 150), st.integers(1, 5), st.sampled_from([1, 2, 8, 16, 32, 64, 0]))


@hypothesis_settings(max_examples=20)
@given(SHAPES, st.integers(1, 2**32 - 1), st.sampled_from([0.0, 0.4]))
@example((9, 150, 2, 96), 2**32 - 1, 0.4)  # three words at once, and padding
@example((9, 150, 2, 128), 1, 0.0)
@example((9, 75, 3, 0), 0x4AD685B3, 0.0)  # whole rows; the sum of row 1 is 0
@example((2, 64, 2, 32), 3, 0.0)  # one group
@example((4, 33, 1, 8), 3, 0.4)
def test_every_word_of_the_walk(bench, inference, sizes, seed, pause):
    outputs, inputs, rows, columns = sizes
    columns = columns or inputs
    if columns > inputs or rows > outputs:
        rows, columns = min(rows, outputs), columns if columns <= inputs else inputs
    shape = LayerShape(0, inputs, outputs, rows, columns, 1)
    padded = inference.generated(seed, shape.groups * rows, inputs)  # Rows beyond the last are there too.
    words = weight_words(padded, LayerShape(0, inputs, len(padded), rows, columns, 1))
    check_walk(bench, weight_source(shape, Generated(seed), 3), shape, words, 3, passes=2, pause=pause)


@pytest.mark.parametrize("pause", [0.0, 0.5])
def test_stored_words_in_the_same_walk(bench, pause):
    shape = LayerShape(0, 21, 7, 3, 8, 1)
    weights = np.random.default_rng(1).integers(0, 2, (7, 21)).astype(np.uint8)
    dut = weight_source(shape, weights, 3)
    assert isinstance(dut, StoredWeights)
    check_walk(bench, dut, shape, weight_words(weights, shape), 3, passes=2, pause=pause)


def test_the_first_word_at_once(bench, inference):
    """Latency 1: the register of the data alone."""
    shape = LayerShape(0, 40, 3, 2, 8, 1)
    words = weight_words(inference.generated(5, 4, 40), LayerShape(0, 40, 4, 2, 8, 1))
    check_walk(bench, RowGenerators(shape, 5, 1), shape, words, 1, passes=2, pause=0.2)


def test_there_is_no_memory():
    from amaranth.back import rtlil

    text = rtlil.convert(RowGenerators(LayerShape(0, 100, 40, 2, 32, 1), 5, 3), name="top", emit_src=False)
    assert "$mem" not in text


def test_what_is_refused():
    with pytest.raises(
        BephwError, match="columns: must divide 32, be a multiple of it, or be as many as the inputs, 100, not 24"
    ):
        RowGenerators(LayerShape(0, 100, 4, 2, 24, 1), 5, 3)
    for seed in (0, 2**32):
        with pytest.raises(BephwError, match=f"seed: must be a nonzero 32-bit word, not {seed}"):
            RowGenerators(LayerShape(0, 100, 4, 2, 32, 1), seed, 3)
    assert not columns_fit(24, 100)
