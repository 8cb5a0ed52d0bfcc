"""The noise adaptation module (FDA-BNN, arXiv 2103.00841, section 3.2): it learns what the series leaves out."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["NoiseAdaptation"]

REDUCTION = 64  # k: a hidden unit for so many features
SHORTCUT = 0.1  # a of the shortcut eta(t) = a sin(t)


class NoiseAdaptation(nn.Module):
    """e(t) = relu(t W1) W2 + a sin(t), for the last dimension of t, of `features`; same shape.

    W1 and W2 start uniform, as wide as Glorot and Bengio have it, drawn from `random`.
    """

    def __init__(self, features: int, random: torch.Generator) -> None:
        super().__init__()
        hidden = max(features // REDUCTION, 1)
        reach = math.sqrt(6 / (features + hidden))
        self.reduce = nn.Parameter(torch.empty(features, hidden).uniform_(-reach, reach, generator=random))
        self.expand = nn.Parameter(torch.empty(hidden, features).uniform_(-reach, reach, generator=random))

    def forward(self, t: Tensor) -> Tensor:
        return torch.relu(t @ self.reduce) @ self.expand + SHORTCUT * t.sin()
