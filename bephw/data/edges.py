"""Edges of images as bits: where brightness rises or falls across a pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bephw.errors import check
from bephw.words import counted

__all__ = ["Edges"]

# (rows, columns) from a pixel to the neighbour that is compared with the one opposite.
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))


@dataclass(frozen=True)
class Edges:
    """Eight bits a pixel: in four directions, whether the difference of the two neighbours across it is large.

    A difference is p(y + dy, x + dx) - p(y - dy, x - dx) with (dy, dx) = (0, 1), (1, 0), (1, 1), (1, -1), and p = 0
    outside the image. Each direction has two bits a pixel: the difference exceeds `difference`, or lies below
    -`difference`. Bits are ordered by direction, then all pixels' rises before all pixels' falls, then by pixel.

    Attributes:
        image: (rows, columns) of an image.
        difference: finite, at least 0, in units of the features.
    """

    image: tuple[int, int]
    difference: float

    @classmethod
    def fit(cls, share: float, x: NDArray, image: tuple[int, int], source: str = "x") -> Self:
        """Edges of `share` of the range of all features `x` (n, rows * columns). Raises `BephwError`."""
        rows, columns = image
        check(
            x.shape[1:] == (rows * columns,),
            f"{source}: images of {rows} x {columns} pixels have {counted(rows * columns, 'feature')}, "
            f"not {x.shape[1]}",
        )
        low, high = float(x.min()), float(x.max())
        check(math.isfinite(high - low), f"{source}: must be smaller numbers: differences of {low} and {high} overflow")
        # 0.1 is one tenth, not the nearest binary fraction.
        return cls(image, float(Fraction(repr(share)) * (Fraction(high) - Fraction(low))))

    @property
    def bits(self) -> int:
        """Bits of an image."""
        rows, columns = self.image
        return 2 * len(DIRECTIONS) * rows * columns

    def transform(self, x: NDArray) -> NDArray[np.bool_]:
        """Bits (n, `bits`) of finite features (n, rows * columns) of any numeric type."""
        rows, columns = self.image
        # Bytes, which most images hold, take half the time as integers; those exceed a number exactly where they
        # exceed it rounded down.
        bytes_ = x.dtype.itemsize == 1
        number = np.int16 if bytes_ else np.float64
        limit = min(math.floor(self.difference), 2**15 - 1) if bytes_ else self.difference
        p = np.zeros((len(x), rows + 2, columns + 2), number)
        p[:, 1:-1, 1:-1] = x.reshape(-1, rows, columns)
        bits = np.empty((len(x), len(DIRECTIONS), 2, rows, columns), np.bool_)
        difference = np.empty((len(x), rows, columns), number)
        for direction, (dy, dx) in enumerate(DIRECTIONS):
            ahead = p[:, 1 + dy : 1 + dy + rows, 1 + dx : 1 + dx + columns]
            behind = p[:, 1 - dy : 1 - dy + rows, 1 - dx : 1 - dx + columns]
            with np.errstate(over="ignore"):  # Infinity exceeds the threshold as the difference does.
                np.subtract(ahead, behind, out=difference)
            np.greater(difference, limit, out=bits[:, direction, 0])
            np.less(difference, -limit, out=bits[:, direction, 1])
        return bits.reshape(len(x), self.bits)
