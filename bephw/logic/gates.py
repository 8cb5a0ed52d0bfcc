"""Gates that learn: a mixture of all 16, on numbers from 0 to 1 that stand for bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bephw.logic.connections import Pairs
from bephw.logic_state import GATES, LogicLayer

__all__ = ["COEFFICIENTS", "GateLayer"]

WIRE, RESIDUAL = 3, 5.0  # The gate that passes on a, and its first logit; those of all others are 0.


def _coefficients(gate: int) -> list[float]:
    """c of `c0 + c1 a + c2 b + c3 ab`, which is what a gate computes of bits a and b."""
    at_00, at_01, at_10, at_11 = (gate >> place & 1 for place in (3, 2, 1, 0))
    return [at_00, at_10 - at_00, at_01 - at_00, at_11 - at_10 - at_01 + at_00]


COEFFICIENTS = torch.tensor([_coefficients(gate) for gate in range(GATES)], dtype=torch.float32)
"""float32 (16, 4). Every gate is of this form, so a mixture of gates is, too: four dot products stand for sixteen."""


class _Mixture(torch.autograd.Function):
    """c0 + c1 a + c2 b + c3 ab for gates (gates, batch), whose gradient needs nothing but a, b and c."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, c: Tensor, layer: GateLayer) -> Tensor:
        a, b = x.index_select(0, layer.index_a), x.index_select(0, layer.index_b)
        ctx.save_for_backward(a, b, c)
        ctx.layer = layer
        # (c0 + c1 a) + b (c2 + c3 a)
        out = torch.addcmul(c[:, 2:3], c[:, 3:4], a).mul_(b)
        return out.addcmul_(c[:, 1:2], a).add_(c[:, 0:1])

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        (gradient,), (a, b, c), layer = gradients, ctx.saved_tensors, ctx.layer
        by_a, by_b = gradient * a, gradient * b
        of_c = torch.stack([gradient.sum(1), by_a.sum(1), by_b.sum(1), by_a.mul_(b).sum(1)], dim=1)
        if not ctx.needs_input_grad[0]:
            return None, of_c, None
        # by_b is used up: what it holds becomes the gradient of a.
        ends = torch.cat([by_b.mul_(c[:, 3:4]).addcmul_(c[:, 1:2], gradient), layer.gradient_b(gradient, a, c)])
        return layer.collect(ends), of_c, None


class GateLayer(nn.Module):
    """Gates side by side, each of which reads a fixed pair of `inputs` inputs.

    Attributes:
        logits: float32 (gates, 16); a gate is the mixture of all kinds by their softmax.
    """

    def __init__(self, pairs: Pairs, inputs: int, *, residual: bool, random: torch.Generator) -> None:
        super().__init__()
        self.index_a, self.index_b = torch.from_numpy(pairs.T.copy())
        self._readers = _readers(pairs, inputs)
        first = torch.zeros(len(pairs), GATES) if residual else torch.randn(len(pairs), GATES, generator=random)
        if residual:
            first[:, WIRE] = RESIDUAL
        self.logits = nn.Parameter(first)

    def forward(self, x: Tensor) -> Tensor:
        """Outputs (gates, batch) of inputs (inputs, batch), a signal a row so that what is read together lies so."""
        return _Mixture.apply(x, torch.softmax(self.logits, dim=1) @ COEFFICIENTS, self)

    @staticmethod
    def gradient_b(gradient: Tensor, a: Tensor, c: Tensor) -> Tensor:
        """Of the gates' second inputs."""
        return torch.addcmul(c[:, 2:3], c[:, 3:4], a).mul_(gradient)

    def collect(self, ends: Tensor) -> Tensor:
        """Sums (inputs, batch) of what comes back to each input of the gates' ends a, then b (2 * gates, batch).

        Always in the same order, so that equal arguments give equal bits.
        """
        ends = torch.cat([ends, ends.new_zeros(1, ends.shape[1])])
        total = ends.index_select(0, self._readers[0])
        for reader in self._readers[1:]:
            total.add_(ends.index_select(0, reader))
        return total

    def hard(self) -> LogicLayer:
        """The gates of the largest logits, the lowest among equals."""
        gate = self.logits.detach().numpy().argmax(axis=1).astype(np.uint8)
        return LogicLayer(self.index_a.numpy().astype(np.int32), self.index_b.numpy().astype(np.int32), gate)


def _readers(pairs: Pairs, inputs: int) -> list[Tensor]:
    """In turn the first, second, .. end that reads each input; the number behind the last end where there is none."""
    ends = pairs.T.ravel()
    order = np.argsort(ends, kind="stable")
    counts = np.bincount(ends, minlength=inputs)
    starts = np.cumsum(counts) - counts
    turn = np.arange(len(ends)) - np.repeat(starts, counts)
    table = np.full((max(1, counts.max()), inputs), len(ends))
    table[turn, ends[order]] = order
    return [torch.from_numpy(row) for row in table]
