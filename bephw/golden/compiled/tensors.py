"""Arrays of many layers in one: so that programs compile once, and not once for every number of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from bephw.golden.compiled.cache import compiled
from bephw.golden.compiled.kernels import WORD

__all__ = ["Layers", "layer", "packed_width", "vector", "zeros"]


class Layers(NamedTuple):
    """Matrices (rows[l], columns[l]), one after the other in `flat`, that of layer l from `starts[l]`."""

    flat: NDArray[Any]
    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]


def zeros(shapes: Sequence[tuple[int, int]], dtype: DTypeLike) -> Layers:
    """Layers of these shapes, all zero."""
    rows, columns = (np.array([shape[side] for shape in shapes], np.int64) for side in (0, 1))
    ends = np.cumsum(rows * columns)
    return Layers(np.zeros(int(ends[-1]) if len(ends) else 0, dtype), ends - rows * columns, rows, columns)


def packed_width(bits: int) -> int:
    """Words that hold so many bits."""
    return -(-bits // WORD)


@compiled
def layer(layers, index):
    """The matrix of one layer, as a view."""
    start, rows, columns = layers.starts[index], layers.rows[index], layers.columns[index]
    return layers.flat[start : start + rows * columns].reshape(rows, columns)


@compiled
def vector(layers, index):
    """The one row of a layer of shape (1, n), as a view."""
    start = layers.starts[index]
    return layers.flat[start : start + layers.columns[index]]
