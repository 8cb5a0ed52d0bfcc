"""The binary network against the formulas of the embedding; nothing here needs PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bephw.errors import BephwError
from bephw.gnet.embedding import Embedding, RealLayer, embedded_settings, least_sums
from bephw.golden.model import GoldenModel


def random_layers(settings, random, betas):
    sizes = (*settings.network.sizes, settings.network.classes)
    shapes = zip(sizes[1:], sizes[:-1], strict=True)
    return [
        RealLayer(random.normal(size=shape).astype(np.float32), float(np.float32(beta)))
        for shape, beta in zip(shapes, betas, strict=False)
    ]


BETA = st.one_of(st.sampled_from([0.0, -0.0, 0.25, -0.5, 1.0, -3.0, 1e30, -1e30]), st.floats(-2, 2, width=32))


@hypothesis_settings(max_examples=25)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=4), st.integers(1, 50), st.lists(BETA, min_size=4, max_size=4))
def test_predictions_are_those_of_the_formulas(gnet_settings, embedded_scores, sizes, dimensions, betas):
    settings = gnet_settings(tuple(sizes), dimensions)
    random = np.random.default_rng(sum(sizes))
    layers = random_layers(settings, random, betas)
    embedding = Embedding(settings)
    x = random.integers(0, 2, (60, sizes[0]), np.uint8)
    prediction, logits = GoldenModel(embedding.settings, embedding.state(layers)).predict(x)
    expected = embedded_scores(embedding.settings, layers, x)
    assert np.array_equal(logits, expected)
    assert np.array_equal(prediction, expected.argmax(axis=1))


def test_the_angle_is_told_the_better_the_more_dimensions(gnet_settings):
    """One layer: pi / 2N times the sums are the angles' arcs, off by the deviation of N fair signs at most."""
    random = np.random.default_rng(2)
    x = random.integers(0, 2, (200, 96), np.uint8)
    moved = 2.0 * x - 1 + 0.125
    for dimensions in (500, 8000):
        settings = gnet_settings((96, 30), dimensions)
        layers = random_layers(settings, random, (0.125, 0.0))
        embedding = Embedding(settings)
        state = embedding.state(layers)
        random_bits, weights = (np.where(found >= 0, 1.0, -1.0) for found in state.counters[:2])
        h = np.where((2.0 * x - 1) @ random_bits.T >= state.thresholds[0], 1.0, -1.0)
        cosines = moved @ layers[0].weights.T / np.linalg.norm(moved, axis=1)[:, None]
        arcs = np.arcsin(cosines / np.linalg.norm(layers[0].weights, axis=1))
        errors = math.pi / (2 * dimensions) * h @ weights.T - arcs
        assert 0.85 < errors.std() / (math.pi / 2 / math.sqrt(dimensions)) < 1.15


def test_thresholds_by_hand():
    signs = np.array([[1, 1, 1, 1], [1, 1, 1, -1], [1, -1, 1, -1], [-1, -1, -1, -1]], float)  # sums 4, 2, 0, -4
    assert least_sums(signs, 0.0).tolist() == [0, 0, 0, 0]
    assert least_sums(signs, 0.25).tolist() == [-1, 0, 0, 1]
    assert least_sums(signs, 0.5).tolist() == [-2, -1, 0, 2]  # equality is active
    assert least_sums(signs, -0.3).tolist() == [2, 1, 0, -1]
    assert least_sums(signs, 100.0).tolist() == [-4, -4, 0, 5]  # always, and never


def test_shapes_of_the_embedded_network(gnet_settings):
    hardware = {"rows": [4, 2, 8, 3], "columns": [32, 10, 9, 5]}
    settings = gnet_settings((50, 9), (120, 40), hardware=hardware, learning={"seed": 3, "batch": 7})
    embedded = embedded_settings(settings)
    assert embedded.network.sizes == (50, 120, 9, 40)
    assert [bool(seed) for seed in embedded.network.generated] == [True, False, True]
    assert embedded.network.thresholds
    assert (embedded.learning.algorithm, embedded.learning.batch, embedded.learning.seed) == ("bep", 7, 3)
    assert [shape.rows for shape in (*embedded.shapes, embedded.classifier_shape)] == hardware["rows"]
    other = embedded_settings(settings.replace({"learning.seed": 4}))
    assert other.network.generated[0] != embedded.network.generated[0]


def test_stored_it_is_the_same_network(gnet_settings):
    settings = gnet_settings((50, 9), (120, 40))
    layers = random_layers(settings, np.random.default_rng(0), [0.25, -0.5])
    generated, stored = Embedding(settings), Embedding(settings.replace({"gnet.stored": True}))
    assert (any(generated.settings.network.generated), stored.settings.network.generated) == (True, ())
    assert set(stored.state(layers).stored_arrays(stored.settings)) > set(
        generated.state(layers).stored_arrays(generated.settings)
    )
    for name, array in generated.state(layers).to_arrays().items():
        assert np.array_equal(array, stored.state(layers).to_arrays()[name]), name


@pytest.mark.parametrize(
    ("hardware", "message"),
    [
        ({"rows": [4, 2, 8]}, r"hardware.rows must have 4 entries, one a layer, not 3"),
        ({"rows": [121, 2, 8, 3]}, r"hardware.rows\[0\] must be 1 to 120 \(the layer's size\), not 121"),
        (
            {"columns": [24, 10, 9, 5]},
            r"hardware.columns\[0\] must divide 32, be a multiple of 32, or be as many as the inputs, 50",
        ),
    ],
)
def test_hardware_is_that_of_the_embedded_network(gnet_settings, hardware, message):
    with pytest.raises(BephwError, match=message):
        embedded_settings(gnet_settings((50, 9), (120, 40), hardware=hardware))
