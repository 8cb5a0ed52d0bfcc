"""The sine series' gradient against the explicit sum, and against the series whose derivative it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

import torch

from bephw.baselines.estimators.sine_series import sine_series_sign, slope

W = 0.1
ORDERS = st.integers(0, 40)
TIMES = st.floats(-1, 1, width=32)


def explicit_slope(t: float, n: int) -> float:
    return 4 * W / math.pi * math.fsum(math.cos((2 * i + 1) * W * t) for i in range(n + 1))


def square_wave(t: np.ndarray, n: int) -> np.ndarray:
    return 4 / np.pi * sum(np.sin((2 * i + 1) * W * t) / (2 * i + 1) for i in range(n + 1))


def gradient(t: torch.Tensor, n: int, outer: torch.Tensor | float = 1.0) -> torch.Tensor:
    t = t.clone().requires_grad_()
    (sine_series_sign(t, n) * outer).sum().backward()
    assert t.grad is not None
    return t.grad


@given(t=st.one_of(TIMES, st.sampled_from([0.0, -0.0, 1e-30, -1e-30, 1e-45, 1e-8])), n=ORDERS)
def test_the_closed_form_is_the_sum(t, n):
    expected = explicit_slope(t, n)
    assert slope(torch.tensor(t, dtype=torch.float64), n).item() == pytest.approx(expected, rel=1e-9, abs=1e-9)
    # In float32 cancellation between terms leaves errors of a few units of the peak's last place.
    assert slope(torch.tensor(t), n).item() == pytest.approx(expected, abs=1e-5 * (n + 1))


@pytest.mark.parametrize("n", [0, 9, 13, 18])
def test_its_integral_is_the_square_waves_series(n):
    """From 0 to every t, by Simpson's rule."""
    t = np.linspace(-1, 1, 2001)
    middle = (t[1:] + t[:-1]) / 2
    at, between = (slope(torch.from_numpy(points), n).numpy() for points in (t, middle))
    pieces = (at[:-1] + 4 * between + at[1:]) * np.diff(t) / 6
    integral = np.concatenate([[0], np.cumsum(pieces)])
    assert np.allclose(integral, square_wave(t, n) - square_wave(t[:1], n), atol=1e-9)


@pytest.mark.parametrize(("n", "peak"), [(9, 1.2732), (18, 2.4192)])
def test_the_peak(n, peak):
    at_zero = gradient(torch.zeros(1), n).item()
    assert at_zero == pytest.approx(4 * W * (n + 1) / math.pi)
    assert at_zero == pytest.approx(peak, abs=1e-4)


def test_nine_terms_are_a_bump_within_the_window():
    """The first zero, pi / (2 w (n + 1)) = 1.57, lies beyond."""
    assert (gradient(torch.linspace(-1, 1, 1001), 9) > 0).all()


def test_eighteen_terms_are_negative_near_the_windows_ends():
    t = torch.linspace(-1, 1, 4001)
    zero = math.pi / (2 * W * 19)
    assert zero == pytest.approx(0.8267, abs=1e-4)
    found = gradient(t, 18)
    assert (found[t.abs() < zero - 1e-3] > 0).all()
    assert (found[t.abs() > zero + 1e-3] < 0).all()


def test_signs_forward_and_nothing_beyond_the_window():
    t = torch.tensor([-9.0, -1.0001, -1.0, -0.2, -0.0, 0.0, 1e-30, 1.0, 1.0001, 40.0])
    assert sine_series_sign(t, 9).tolist() == [-1, -1, -1, -1, 1, 1, 1, 1, 1, 1]
    outer = torch.arange(1.0, 11.0)
    found = gradient(t, 9, outer)
    inside = [2, 3, 4, 5, 6, 7]
    assert found[[0, 1, 8, 9]].tolist() == [0, 0, 0, 0]
    for index in inside:
        assert found[index].item() == pytest.approx(explicit_slope(t[index].item(), 9) * outer[index].item(), rel=1e-4)
