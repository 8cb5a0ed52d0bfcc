"""Signs, and the gradients that stand for theirs."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from bephw.baselines.straight_through import binarise, sign, signs


@pytest.mark.parametrize("window", [1.0, 3.0, 12.5])
def test_gradient_of_sign_is_that_of_a_clipped_line(window):
    z = torch.tensor([-20.0, -12.5, -3.01, -3, -1, -0.5, -0.0, 0.0, 0.5, 1, 3, 3.01, 12.5, 20], requires_grad=True)
    outer = torch.arange(1.0, 15.0)
    a = sign(z, window)
    assert torch.equal(a, torch.where(z >= 0, 1.0, -1.0))
    (a * outer).sum().backward()
    expected = torch.where(z.abs() <= window, outer / window, torch.zeros(()))
    assert z.grad is not None
    assert torch.allclose(z.grad, expected)


def test_weights_pass_their_gradient():
    latent = torch.tensor([-1.0, -0.25, -0.0, 0.0, 1e-30, 1.0], requires_grad=True)
    weights = binarise(latent)
    assert weights.tolist() == [-1, -1, 1, 1, 1, 1]
    (weights * torch.arange(6.0)).sum().backward()
    assert latent.grad is not None
    assert latent.grad.tolist() == [0, 1, 2, 3, 4, 5]


def test_signs_alone():
    assert signs(torch.tensor([-2.0, -0.0, 0.0, 1e-30, 3.0])).tolist() == [-1, 1, 1, 1, 1]
