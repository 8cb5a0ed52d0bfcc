"""Samples as tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["signs", "tensor"]


def tensor(array: NDArray[Any]) -> Tensor:
    """As a tensor, which shares the memory where it is writable (PyTorch warns of any other)."""
    return torch.from_numpy(np.require(array, requirements=["C", "W"]))


def signs(bits: Tensor) -> Tensor:
    """0/1 to -1/+1, float32."""
    return bits.float().mul_(2).sub_(1)
