"""What comes out of a network as the classifier: its rows, and scores of the classes where they need them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from bephw.errors import check
from bephw.exchange.carried import Carried
from bephw.exchange.integer_scores import integer_scores
from bephw.exchange.network import FoundNetwork, Layer

__all__ = ["Head", "take_head"]


@dataclass(frozen=True, eq=False)
class Head:
    """The class is the one with the most matches; or the largest `scales * matches + offsets`, where these are given.

    Attributes:
        prototypes: uint8 (classes, K_L), bits.
        scales, offsets: int64 (classes,), or None.
    """

    prototypes: NDArray[np.uint8]
    scales: NDArray[np.int64] | None = None
    offsets: NDArray[np.int64] | None = None


def take_head(network: FoundNetwork, result: Carried) -> Head:
    """The head of a network whose output is `result`; its matrix is taken off the network's layers, unless its sums are
    compared. Raises `BephwError` where no comparison of integers gives the classes."""
    last = network.layers[result.depth - 1] if result.depth else None
    right = last is not None and result.depth == len(network.layers)
    check(right, "output: must come from the last matrix")
    assert last is not None
    check(result.index.size >= 2, "output: must have at least 2 classes, not 1")
    if last.thresholds is not None:
        return _of_bits(result)
    network.layers.pop()
    return _of_sums(last, result)


def _of_bits(result: Carried) -> Head:
    """Classes are bits: row k is 1 at k only, so that z_k = 2 a_k - (the sum of all), largest where bit k is 1.

    Turned round, the class is the first whose bit is 0.
    """
    alike = len(set(result.scale.ravel())) == 1 and len(set(result.offset.ravel())) == 1
    check(alike, "output: classes that are bits must have one scale and one offset for all")
    scale, order = result.scale.ravel()[0], result.index.ravel()
    check(scale != 0, "output: scale must not be 0")
    rows = np.eye(len(order), dtype=np.uint8)[np.argsort(order)]
    return Head(rows if scale > 0 else 1 - rows)


def _of_sums(last: Layer, result: Carried) -> Head:
    """Rows of classes with a negative scale are turned round: then the scale is positive."""
    order = result.index.ravel()
    factors, offsets = result.scale.ravel().tolist(), result.offset.ravel().tolist()
    turned = np.array([factor < 0 for factor in factors])
    rows = (last.weights[order] ^ turned[:, None]).astype(np.uint8)
    scales = [abs(factor) for factor in factors]
    if len(set(scales)) == len(set(offsets)) == 1 and scales[0]:
        return Head(rows)
    inputs = rows.shape[1]
    # A match more is 2 more in a sum, and with no match a sum is -inputs.
    at_no_match = [Fraction(offset - scale * inputs) for scale, offset in zip(scales, offsets, strict=True)]
    return Head(rows, *integer_scores([Fraction(2 * scale) for scale in scales], at_no_match, inputs))
