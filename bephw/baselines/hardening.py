"""The hard network of a soft one: signs instead of what training had, and batch norm that goes with them."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from bephw.baselines.networks import BinaryLayer, Cell, Network

__all__ = ["hardened"]

# A cell's sums depend on its statistics, through its states; see docs/baselines.md.
ROUNDS = 20


def hardened(network: Network, x: Tensor) -> Network:
    """A copy of `network` in evaluation mode, whose batch norm has the mean and variance of its own sums for inputs
    `x`, of +1 and -1, as `Network.forward` takes them.

    Sums are integers of a network of signs, and statistics are taken in float64. Layers get theirs one after the other,
    each from what the hard layers below it give.
    """
    hard = copy.deepcopy(network).eval()
    with torch.no_grad():
        for layer in hard.hidden():
            if layer.norm is not None:
                _measure(layer, x)
            x = layer(x)
    return hard


def _measure(layer: BinaryLayer, x: Tensor) -> None:
    norm = layer.norm
    assert norm is not None and norm.running_mean is not None and norm.running_var is not None
    for part in (1 / round for round in range(1, (ROUNDS if isinstance(layer, Cell) else 1) + 1)):
        z = layer.sums(x).double()
        norm.running_mean.lerp_(z.mean(dim=0).float(), part)
        norm.running_var.lerp_(z.var(dim=0).float(), part)
