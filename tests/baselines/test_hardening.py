"""The hard network of a soft one: its batch norm has the statistics of its own integer sums."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from bephw.baselines.hardening import hardened
from bephw.baselines.networks import build


def signs(array) -> np.ndarray:
    return np.where(array >= 0, 1, -1)


@pytest.fixture
def soft_network(ste_settings):
    """A function that makes a network with a soft sign, which has learned a little, and inputs for it."""

    def make(shape: tuple[int, ...], sizes: tuple[int, ...]):
        settings = ste_settings(sizes, batch_norm=True, recurrent=len(shape) == 2)
        random = torch.Generator().manual_seed(5)
        network = build(settings.replace({"baseline.estimator": "bnn++"}), random)
        x = torch.from_numpy(np.random.default_rng(1).choice([-1.0, 1.0], (300, *shape))).float()
        network.begin_epoch(1, 3)
        for _ in range(3):  # Running statistics of the soft network.
            network(x)
        return network, x

    return make


@pytest.mark.parametrize("sizes", [(30, 21, 14), (7, 5, 4, 3), (1, 1)])
def test_statistics_of_integer_sums(soft_network, sizes):
    network, x = soft_network(sizes[:1], sizes)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    hard = hardened(network, x)
    a = x.numpy()
    for layer in hard.hidden():
        z = a @ signs(layer.latent.detach().numpy()).T
        assert layer.norm is not None
        assert np.allclose(layer.norm.running_mean, z.mean(axis=0), rtol=1e-6, atol=1e-6)
        assert np.allclose(layer.norm.running_var, z.var(axis=0, ddof=1), rtol=1e-6, atol=1e-6)
        with torch.no_grad():
            a = layer.activate(torch.from_numpy(z).float()).numpy()
        assert set(np.unique(a)) <= {-1, 1}
    assert not hard.training
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_statistics_of_a_cell_nearly_are_those_of_its_own_states(soft_network):
    """States go by the statistics of sums that go by the states, so they are approached."""
    network, x = soft_network((6, 10), (10, 24, 8))
    hard = hardened(network, x)
    cell, layer = hard.hidden()
    assert cell.norm is not None
    assert layer.norm is not None
    with torch.no_grad():
        z, state = cell.sums(x), cell(x)
    deviation = z.std(dim=0)
    assert ((cell.norm.running_mean - z.mean(dim=0)).abs() < 0.3 * deviation).all()
    assert torch.allclose(cell.norm.running_var.sqrt(), deviation, rtol=0.25)
    sums = state.numpy() @ signs(layer.latent.detach().numpy()).T
    assert np.allclose(layer.norm.running_mean, sums.mean(axis=0), rtol=1e-5, atol=1e-5)


def test_without_batch_norm_weights_alone(ste_settings):
    settings = ste_settings((9, 5), batch_norm=False).replace({"baseline.estimator": "bnn++"})
    network = build(settings, torch.Generator().manual_seed(0))
    hard = hardened(network, torch.ones(4, 9))
    assert all(torch.equal(value, hard.state_dict()[name]) for name, value in network.state_dict().items())
    assert hard.soft
    assert set(hard.layers[0](torch.ones(4, 9)).flatten().tolist()) <= {-1, 1}
