"""FDA-BNN's schedules, and its noise adaptation module against NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from bephw.baselines.estimators.fda import FDA, noise_share, terms
from bephw.baselines.estimators.noise import NoiseAdaptation
from bephw.baselines.estimators.sine_series import slope


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("epochs", [1, 2, 3, 10, 40, 400])
def test_schedules_begin_and_end_where_they_should(epochs):
    numbers = range(1, epochs + 1)
    shares, orders = [noise_share(epoch, epochs) for epoch in numbers], [terms(epoch, epochs) for epoch in numbers]
    assert shares[-1] == 0
    assert shares == [pytest.approx(0.05 * (1 + math.cos(math.pi * epoch / epochs)), abs=1e-12) for epoch in numbers]
    assert shares == sorted(shares, reverse=True)
    assert orders == sorted(orders)
    assert (orders[0], orders[-1]) == ((9, 18) if epochs > 1 else (9, 9))


def test_terms_of_ten_epochs():
    assert [terms(epoch, 10) for epoch in range(1, 11)] == list(range(9, 19))


def test_epochs_beyond_the_last_are_as_the_last():
    assert (terms(11, 10), noise_share(11, 10)) == (18, 0)


@pytest.mark.parametrize(("features", "hidden"), [(1, 1), (63, 1), (127, 1), (128, 2), (200, 3)])
def test_the_noise_module(features, hidden):
    module = NoiseAdaptation(features, seeded())
    assert module.reduce.shape == (features, hidden)
    t = torch.randn(5, features, generator=seeded(1))
    down, up, points = (array.detach().double().numpy() for array in (module.reduce, module.expand, t))
    expected = np.maximum(points @ down, 0) @ up + 0.1 * np.sin(points)
    assert np.allclose(module(t).detach().numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("deviation", [1.0, 4.0])
def test_noise_is_added_in_training_and_has_its_gradient(deviation):
    sign = FDA(noise=True, random=seeded()).activations(70, deviation)
    sign.begin_epoch(3, 10)
    share, order = noise_share(3, 10), terms(3, 10)
    z = torch.randn(6, 70, generator=seeded(2)).mul_(deviation / 2).requires_grad_()
    t = (z / deviation).detach().requires_grad_()
    noise = sign.noise(t)
    assert torch.allclose(sign(z), torch.where(z >= 0, 1.0, -1.0) + share * noise, atol=1e-6)
    outer = torch.randn(6, 70, generator=seeded(3))
    (through_noise,) = torch.autograd.grad((noise * outer).sum(), t)
    (found, *module) = torch.autograd.grad((sign(z) * outer).sum(), [z, *sign.parameters()])
    series = slope(t, order) * (t.abs() <= 1) * outer
    assert torch.allclose(found, (series + share * through_noise) / deviation, atol=1e-6)
    assert len(module) == 2
    assert all(gradient.abs().sum() > 0 for gradient in module)


def test_hard_in_evaluation_and_in_the_last_epoch():
    sign = FDA(noise=True, random=seeded()).weights(3, 20)
    t = torch.linspace(-1, 1, 60).reshape(3, 20)
    hard = torch.where(t >= 0, 1.0, -1.0)
    sign.begin_epoch(1, 10)
    assert sign.soft
    assert not torch.equal(sign(t), hard)
    assert torch.equal(sign.eval()(t), hard)
    sign.train().begin_epoch(10, 10)
    assert not sign.soft
    assert torch.equal(sign(t), hard)


def test_without_noise_nothing_is_added():
    sign = FDA(noise=False, random=seeded()).weights(3, 20)
    sign.begin_epoch(1, 10)
    assert not sign.soft
    assert not list(sign.parameters())
    assert torch.equal(sign(torch.tensor([-0.5, 0.0])), torch.tensor([-1.0, 1.0]))


def test_modules_are_drawn_from_the_generator():
    first, second, other = (FDA(noise=True, random=seeded(seed)).weights(3, 20) for seed in (1, 1, 2))
    assert torch.equal(first.noise.reduce, second.noise.reduce)
    assert not torch.equal(first.noise.reduce, other.noise.reduce)
