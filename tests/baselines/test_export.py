"""What leaves PyTorch computes the same in integers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")

import torch

from bephw.baselines.export import export_state, exported_settings, fold_batch_norm
from bephw.baselines.networks import BinaryLayer, build
from bephw.errors import BephwError
from bephw.golden.model import GoldenModel

EDGES = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 1e-30, -1e-30, 1e30, -1e30])
VALUES = st.one_of(EDGES, st.floats(-10, 10, width=32), st.integers(-9, 9).map(float))


def disturb(network, random: np.random.Generator) -> None:
    """Running statistics and affine parameters as if it had learned."""
    for layer in network.hidden():
        inputs = layer.latent.shape[1]
        for tensor, spread in (
            (layer.norm.running_mean, np.sqrt(inputs)),
            (layer.norm.weight.data, 1),
            (layer.norm.bias.data, 1),
        ):
            tensor.copy_(torch.from_numpy(random.normal(0, spread, len(tensor))))
        layer.norm.running_var.copy_(torch.from_numpy(random.uniform(0, 2 * inputs, len(layer.norm.running_var))))


@settings(max_examples=200)
@given(
    inputs=st.integers(1, 20),
    neurons=st.lists(
        st.tuples(VALUES, VALUES, VALUES, st.one_of(st.just(0.0), st.floats(0, 50, width=32))), min_size=1
    ),
)
def test_threshold_decides_as_batch_norm_does(inputs, neurons):
    """For every z that a neuron can have."""
    layer = BinaryLayer(len(neurons), inputs, batch_norm=True, random=torch.Generator().manual_seed(0))
    norm = layer.norm
    assert norm is not None and norm.running_mean is not None and norm.running_var is not None
    columns = torch.tensor(neurons, dtype=torch.float32).T
    for tensor, values in zip(
        (norm.weight.data, norm.bias.data, norm.running_mean, norm.running_var), columns, strict=True
    ):
        tensor.copy_(values)
    flipped, threshold = fold_batch_norm(layer)
    assert layer.training
    layer.eval()
    z = np.arange(-inputs, inputs + 1, 2)[:, None].repeat(len(neurons), axis=1)
    with torch.no_grad():
        active = layer.activate(torch.from_numpy(z).float()).numpy() > 0
    assert np.array_equal(np.where(flipped, -z, z) >= threshold, active)
    assert (threshold >= -inputs).all()
    assert (threshold <= inputs + 1).all()
    assert ((threshold - inputs) % 2 == 0)[threshold <= inputs].all()


def test_hand_made_thresholds():
    """Scale, shift and mean by which the comparison can be read off; variance 1 (epsilon aside)."""
    cases = [  # weight, bias, mean, flipped, threshold for z in -4, -2, 0, 2, 4
        (1, 0, 0, False, 0),
        (1, 0, 2, False, 2),  # equality is active
        (1, 0, 2.5, False, 4),
        (1, 0, -9, False, -4),
        (1, 0, 9, False, 5),
        (-1, 0, 2, True, -2),  # active for z <= 2, that is for -z >= -2
        (-1, 0, 2.5, True, -2),
        (0, 0, 3, False, -4),  # always on
        (0, -1, 3, False, 5),  # never
    ]
    layer = BinaryLayer(len(cases), 4, batch_norm=True, random=torch.Generator().manual_seed(0))
    norm = layer.norm
    assert norm is not None
    for index, (weight, bias, mean, *_) in enumerate(cases):
        norm.weight.data[index], norm.bias.data[index] = weight, bias
        assert norm.running_mean is not None
        norm.running_mean[index] = mean
    flipped, threshold = fold_batch_norm(layer)
    assert list(zip(flipped.tolist(), threshold.tolist(), strict=True)) == [case[3:] for case in cases]


@pytest.mark.parametrize("estimator", ["scaled", "textbook", "fda", "swish", "bnn++"])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize(
    ("shape", "sizes"), [((30,), (30, 21, 14)), ((1,), (1, 1)), ((5, 6), (6, 9, 8)), ((2, 3), (3, 4, 5, 6))]
)
def test_export_predicts_alike(ste_settings, integer_logits, estimator, batch_norm, shape, sizes):
    """PyTorch in evaluation mode, the specification and the golden model; in the middle of training."""
    recurrent = len(shape) == 2
    config = ste_settings(sizes, batch_norm=batch_norm, recurrent=recurrent)
    config = config.replace({"baseline.estimator": estimator})
    network = build(config, torch.Generator().manual_seed(4))
    network.begin_epoch(2, 5)
    random = np.random.default_rng(7)
    if batch_norm:
        disturb(network, random)
    x = random.integers(0, 2, (200, *shape), dtype=np.uint8)
    state = export_state(config, network)
    network.eval()
    with torch.no_grad():
        logits = network(torch.from_numpy(x).float() * 2 - 1).numpy()
    expected = integer_logits(state, x, recurrent)
    assert np.array_equal(np.rint(logits / (0.5 / np.sqrt(sizes[-1]))), expected)
    prediction, golden = GoldenModel(exported_settings(config), state).predict(x)
    assert np.array_equal(golden, expected)
    assert np.array_equal(prediction, logits.argmax(axis=1))


def test_state_of_an_export(ste_settings):
    config = ste_settings((6, 5, 4), batch_norm=True)
    state = export_state(config, build(config, torch.Generator().manual_seed(0)))
    assert {int(c) for counters in state.counters for c in np.unique(counters)} == {-1, 0}
    assert state.prototypes.dtype == np.uint8
    assert [threshold.dtype for threshold in state.thresholds] == [np.int32, np.int32]
    assert (state.generators > 0).all()
    exported = exported_settings(config)
    assert exported.learning.algorithm == "bep"
    assert exported.network.thresholds


def test_a_cell_alone_has_no_export(ste_settings):
    config = ste_settings((6, 5), batch_norm=False, recurrent=True)
    with pytest.raises(BephwError, match=r"network.sizes must have a cell and at least one layer after it"):
        exported_settings(config)
