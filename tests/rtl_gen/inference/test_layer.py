"""A constant layer against integer arithmetic."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.inference.layer import ConstantLayer, least_matches


@pytest.mark.parametrize(("outputs", "inputs"), [(1, 1), (4, 6), (6, 7), (5, 16), (9, 40)])
@pytest.mark.parametrize("spread", [0, 3, 100])
@pytest.mark.parametrize("equal", [False, True])
def test_activations(bench, outputs, inputs, spread, equal):
    """With `equal`, the weights of all neurons are those of the first, or their complement; thresholds are their own,
    with a spread of 100 such as are always reached, or never."""
    generator = np.random.default_rng(inputs)
    weights = generator.integers(0, 2, (outputs, inputs)).astype(np.uint8)
    if equal:
        weights = weights[0] ^ generator.integers(0, 2, (outputs, 1)).astype(np.uint8)
    thresholds = generator.integers(-spread, spread + 1, outputs)
    dut = ConstantLayer(weights, thresholds)
    latency = ConstantLayer.latency(inputs)
    b = bench(dut)
    sent = []

    def step(active):
        if len(sent) > latency:
            z = (2 * weights.astype(int) - 1) @ (2 * sent[-latency - 1].astype(int) - 1)
            assert active == sum(int(bit) << row for row, bit in enumerate(z >= thresholds))
        sent.append(generator.choice([weights[0], 1 - weights[0], generator.integers(0, 2, inputs)]))
        return [(dut.inputs, sum(int(bit) << index for index, bit in enumerate(sent[-1])))]

    b.watch([dut.outputs], step)
    b.run(120)
    assert len(sent) > 110


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), outputs=st.integers(1, 7), inputs=st.integers(1, 24))
@example(seed=0, outputs=1, inputs=1)
def test_any_weights_and_thresholds(bench, seed, outputs, inputs):
    """Rows that are alike, equal, or each other's complements; thresholds beyond what a sum can reach, too."""
    generator = np.random.default_rng(seed)
    weights = (generator.random((outputs, inputs)) < generator.choice([0.1, 0.5])).astype(np.uint8)
    for row in np.flatnonzero(generator.random(outputs) < 0.3):
        weights[row] = weights[generator.integers(outputs)] ^ generator.integers(2)
    thresholds = generator.integers(-inputs - 2, inputs + 4, outputs)
    vectors = np.vstack((weights, 1 - weights, generator.integers(0, 2, (10, inputs))))
    expected = (2 * weights.astype(int) - 1) @ (2 * vectors.astype(int) - 1).T >= thresholds[:, None]
    dut, latency = ConstantLayer(weights, thresholds), ConstantLayer.latency(inputs)
    seen = []

    def step(active):
        seen.append(active)
        bits = vectors[(len(seen) - 1) % len(vectors)]
        return [(dut.inputs, sum(int(bit) << index for index, bit in enumerate(bits)))]

    b = bench(dut)
    b.watch([dut.outputs], step)
    b.run(len(vectors) + latency + 3)
    for number in range(len(vectors)):
        assert seen[number + 1 + latency] == sum(int(bit) << row for row, bit in enumerate(expected[:, number]))


@pytest.mark.parametrize("inputs", [1, 4, 7])
def test_least_matches(inputs):
    thresholds = range(-inputs, inputs + 2)
    for threshold, least in zip(thresholds, least_matches(inputs, thresholds), strict=True):
        for matches in range(inputs + 1):
            assert (matches >= least) == (2 * matches - inputs >= threshold)
