"""The soft sign sharpens; BNN+ has its gradient alone."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from bephw.baselines.estimators.bnn_plus_plus import BNNPlusPlus
from bephw.baselines.estimators.sign_swish import derivative, sign_swish
from bephw.baselines.estimators.swish import Swish

POINTS = torch.linspace(-6, 6, 49)


@pytest.mark.parametrize(
    ("epoch", "epochs", "mu"), [(1, 5, 2.0), (2, 5, 4.0), (5, 5, 10.0), (9, 5, 10.0), (1, 1, 2.0), (2, 2, 10.0)]
)
@pytest.mark.parametrize("deviation", [1.0, 3.0])
def test_sharpness_by_epoch(epoch, epochs, mu, deviation):
    sign = BNNPlusPlus((2.0, 10.0)).activations(4, deviation)
    sign.begin_epoch(epoch, epochs)
    z = POINTS.clone().requires_grad_()
    values = sign(z)
    assert sign.soft
    assert torch.allclose(values, sign_swish(POINTS / deviation, mu), atol=1e-5)
    values.sum().backward()
    assert z.grad is not None
    assert torch.allclose(z.grad, derivative(POINTS / deviation, mu) / deviation, atol=1e-4)
    assert torch.equal(sign.eval()(POINTS), torch.where(POINTS >= 0, 1.0, -1.0))


def test_weights_are_soft_too():
    sign = BNNPlusPlus((2.0, 10.0)).weights(4, 100)
    assert torch.allclose(sign(POINTS), sign_swish(POINTS, 2.0))


@pytest.mark.parametrize("deviation", [1.0, 3.0])
def test_swish_has_signs_forward(deviation):
    estimator = Swish()
    for sign, unit in ((estimator.activations(4, deviation), deviation), (estimator.weights(4, 9), 1.0)):
        t = POINTS.clone().requires_grad_()
        values = sign(t)
        assert not sign.soft
        assert torch.equal(values, torch.where(POINTS >= 0, 1.0, -1.0))
        values.sum().backward()
        assert t.grad is not None
        assert torch.allclose(t.grad, derivative(POINTS / unit, 5.0) / unit, atol=1e-5)
