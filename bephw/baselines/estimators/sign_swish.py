"""SignSwish, a soft sign (BNN+, arXiv 1812.11800), and its derivative."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from bephw.baselines.straight_through import signs

__all__ = ["derivative", "sign_swish", "swish_sign"]


def sign_swish(t: Tensor, sharpness: float) -> Tensor:
    """2 s(u) (1 + u (1 - s(u))) - 1, u = sharpness * t, s the logistic function; same shape, with its own gradient.

    It is 0 at 0, with the slope `sharpness`, exceeds 1 beyond u = 1.3 (at most 1.2, at u = 2.4), and tends to the sign.
    """
    return _SignSwish.apply(t, sharpness)


def swish_sign(t: Tensor, sharpness: float) -> Tensor:
    """+1 where t >= 0, else -1, with the gradient of `sign_swish`."""
    return _SwishSign.apply(t, sharpness)


def derivative(t: Tensor, sharpness: float) -> Tensor:
    """Of `sign_swish`: sharpness (2 - u tanh(u / 2)) / (1 + cosh(u)); below 0 where abs(u) > 2.4."""
    u = sharpness * t
    s = torch.sigmoid(u)
    # 1 / (1 + cosh(u)) = 2 s (1 - s), and 1 - s is s(-u), which keeps its digits: no overflow, one function.
    return 2 * sharpness * s * torch.sigmoid(-u) * (2 - u * (2 * s - 1))


class _SignSwish(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, t: Tensor, sharpness: float) -> Tensor:
        ctx.save_for_backward(t)
        ctx.sharpness = sharpness
        u = sharpness * t
        return 2 * torch.sigmoid(u) * (1 + u * torch.sigmoid(-u)) - 1

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        (t,) = ctx.saved_tensors
        return derivative(t, ctx.sharpness) * gradients[0], None


class _SwishSign(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, t: Tensor, sharpness: float) -> Tensor:
        ctx.save_for_backward(t)
        ctx.sharpness = sharpness
        return signs(t)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        (t,) = ctx.saved_tensors
        return derivative(t, ctx.sharpness) * gradients[0], None
