"""SignSwish against its explicit formula, its derivative against autograd's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

import torch

from bephw.baselines.estimators.sign_swish import derivative, sign_swish, swish_sign

SHARPNESSES = [0.5, 5.0, 40.0]


def explicit(t: torch.Tensor, b: float) -> torch.Tensor:
    s = 1 / (1 + torch.exp(-b * t))
    return 2 * s * (1 + b * t * (1 - s)) - 1


@pytest.mark.parametrize("b", SHARPNESSES)
def test_values_and_gradients_are_those_of_the_formula(b):
    t = torch.linspace(-2, 2, 401, dtype=torch.float64, requires_grad=True)
    (expected,) = torch.autograd.grad(explicit(t, b).sum(), t)
    outer = torch.linspace(-1, 3, 401, dtype=torch.float64)
    soft = sign_swish(t, b)
    assert torch.allclose(soft, explicit(t, b))
    (found,) = torch.autograd.grad((soft * outer).sum(), t)
    assert torch.allclose(found, expected * outer)
    hard = swish_sign(t, b)
    assert torch.equal(hard, torch.where(t >= 0, 1.0, -1.0).double())
    (found,) = torch.autograd.grad((hard * outer).sum(), t)
    assert torch.allclose(found, expected * outer)


@pytest.mark.parametrize("b", SHARPNESSES)
def test_the_derivative_is_the_papers(b):
    u = torch.linspace(-10, 10, 201, dtype=torch.float64)
    expected = b * (2 - u * torch.tanh(u / 2)) / (1 + torch.cosh(u))
    assert torch.allclose(derivative(u / b, b), expected)


@given(t=st.floats(allow_nan=False, allow_infinity=False, width=32), b=st.floats(0.125, 1e6, width=32))
def test_finite_and_nearly_bounded_everywhere(t, b):
    point = torch.tensor(t)
    if not torch.isfinite(point * b):
        return
    assert abs(sign_swish(point, b).item()) <= 1.2
    assert -0.16 * b <= derivative(point, b).item() <= b * 1.0001


def test_it_exceeds_one_and_comes_back():
    u = torch.linspace(0, 12, 12_001, dtype=torch.float64)
    values, slopes = sign_swish(u, 1.0), derivative(u, 1.0)
    top = u[values.argmax()].item()
    assert top == pytest.approx(2.3994, abs=1e-3)
    assert values.max().item() == pytest.approx(1.1997, abs=1e-3)
    assert (slopes[u < top - 0.01] > 0).all()
    assert (slopes[u > top + 0.01] < 0).all()
    assert derivative(torch.zeros(()), 5.0).item() == 5
    assert 1 < sign_swish(torch.tensor(12.0), 1.0).item() < 1.001
