"""Forward pass, and the prediction (numerics.md section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Signs", "activate", "forward", "preactivation", "predict", "signed", "visible"]

Signs = NDArray[np.float32]
"""Bits as +1/-1, or sums of such products. Exact: layers have at most 65,535 inputs, float32 holds 2^24."""


def signed(bits: NDArray[Any]) -> Signs:
    """0/1 of any integer type, or bool, to -1/+1; same shape."""
    signs = bits.astype(np.float32)
    signs *= 2
    signs -= 1
    return signs


def visible(counters: NDArray[Any]) -> Signs:
    """The weights that counters show: +1 where c >= 0, else -1; same shape."""
    return signed(counters >= 0)


def preactivation(a: Signs, w: Signs) -> Signs:
    """z (n, K_out) of inputs `a` (n, K_in) and weights `w` (K_out, K_in): 2 * popcount(xnor) - K_in."""
    return a @ w.T


def activate(z: Signs, threshold: Signs | float = 0) -> Signs:
    """+1 where z >= threshold, else -1; same shape."""
    return signed(z >= threshold)


def forward(planes: Sequence[Signs], thresholds: Sequence[Signs], x: Signs) -> tuple[list[Signs], list[Signs]]:
    """z of every layer of a perceptron, and its inputs (one more: the last layer's outputs)."""
    sums, activations = [], [x]
    for plane, threshold in zip(planes, thresholds, strict=True):
        sums.append(preactivation(activations[-1], plane))
        activations.append(activate(sums[-1], threshold))
    return sums, activations


def predict(logits: NDArray[Any]) -> NDArray[np.intp]:
    """The class (n,) with the largest of `logits` (n, classes); the lowest index among equals."""
    return logits.argmax(axis=1)
