"""The sign's gradient as that of its Fourier series (FDA-BNN, arXiv 2103.00841, section 3.1)."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from bephw.baselines.straight_through import signs

__all__ = ["FREQUENCY", "WINDOW", "sine_series_sign", "slope"]

FREQUENCY = 0.1  # The paper does not give it; two independent implementations have this one.
WINDOW = 1.0  # Likewise: beyond, the gradient is 0.


def sine_series_sign(t: Tensor, n: int) -> Tensor:
    """+1 where t >= 0, else -1; its gradient is `slope(t, n)` where abs(t) <= 1, and 0 beyond."""
    return _Sign.apply(t, n)


def slope(t: Tensor, n: int) -> Tensor:
    """Derivative of the square wave's series with the terms 0 to n: 4w/pi * sum of cos((2i + 1) w t), same shape.

    The sum is sin(2 (n + 1) w t) / (2 sin(w t)), and n + 1 at t = 0. For abs(t) < pi / w.
    """
    angle = t * FREQUENCY
    sine = angle.sin()
    series = torch.where(sine == 0, n + 1.0, (angle * (2 * (n + 1))).sin() / (2 * sine))
    return series * (4 * FREQUENCY / math.pi)


class _Sign(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, t: Tensor, n: int) -> Tensor:
        ctx.save_for_backward(t)
        ctx.n = n
        return signs(t)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        (t,) = ctx.saved_tensors
        inside = t.abs() <= WINDOW
        return torch.where(inside, slope(t, ctx.n), 0.0) * gradients[0], None
