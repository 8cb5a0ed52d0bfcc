"""The sign function with a straight-through estimator of its gradient, for activations and for weights."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = ["binarise", "sign", "signs"]


class _Sign(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, z: Tensor, window: float) -> Tensor:
        ctx.save_for_backward(z)
        ctx.window = window
        return signs(z)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        (z,) = ctx.saved_tensors
        return (z.abs() <= ctx.window).to(z.dtype).mul_(1 / ctx.window).mul_(gradients[0]), None


class _Binarise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, latent: Tensor) -> Tensor:
        return signs(latent)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients[0]


def sign(z: Tensor, window: float) -> Tensor:
    """+1 where z >= 0, else -1, same shape; the gradient is that of z / window clipped to [-1, 1]."""
    return _Sign.apply(z, window)


def binarise(latent: Tensor) -> Tensor:
    """+1 where latent >= 0, else -1, same shape; the gradient passes unchanged."""
    return _Binarise.apply(latent)


def signs(x: Tensor) -> Tensor:
    """+1 where x >= 0, else -1, same shape; nothing to differentiate."""
    return (x >= 0).to(x.dtype).mul_(2).sub_(1)
