"""What a tensor holds that depends on the input: exact multiples of features, bits or sums, in whatever order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError

__all__ = ["Carried", "Kind", "exact"]

Kind = Literal["features", "bits", "sums", "class"]


def exact(values: NDArray[Any]) -> NDArray[Any]:
    """Numbers as fractions of integers: an array of objects. Not for NaN and infinity."""
    flat = np.asarray(values).ravel().tolist()
    result = np.empty(len(flat), object)
    result[:] = [value if isinstance(value, Fraction) else Fraction(value) for value in flat]
    return result.reshape(np.shape(values))


@dataclass(frozen=True, eq=False)
class Carried:
    """Element p of the tensor is `scale[p] * u[index[p]] + offset[p]`.

    Attributes:
        kind: what u is: features of a sample; bits as +1 and -1; sums z of products of bits, integers; or the class.
        index: int64, of the tensor's shape; a permutation, but for features.
        scale: fractions (objects), of the same shape.
        offset: likewise.
        depth: how many matrices lie before it.
    """

    kind: Kind
    index: NDArray[np.int64]
    scale: NDArray[Any]
    offset: NDArray[Any]
    depth: int = 0

    @classmethod
    def plain(cls, kind: Kind, shape: tuple[int, ...]) -> Self:
        """u itself, in C order."""
        index = np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)
        return cls(kind, index, exact(np.ones(shape)), exact(np.zeros(shape)))

    def turned_into(self, kind: Kind) -> Self:
        """u of another kind, itself, where this one was."""
        return replace(self, kind=kind, scale=exact(np.ones(self.shape)), offset=exact(np.zeros(self.shape)))

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the tensor."""
        return self.index.shape

    def scaled(self, factor: NDArray[Any]) -> Self:
        """Times a constant, of any shape that fits in."""
        factor = self._like(factor)
        return replace(self, scale=self.scale * factor, offset=self.offset * factor)

    def shifted(self, by: NDArray[Any]) -> Self:
        """Plus a constant."""
        return replace(self, offset=self.offset + self._like(by))

    def laid_out(self, index: NDArray[np.int64], places: NDArray[np.int64]) -> Self:
        """In another shape or order: element p is what was at place `places[p]`, in C order."""
        return replace(self, index=index, scale=self.scale.ravel()[places], offset=self.offset.ravel()[places])

    def by_element(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Scale and offset of u[0], u[1], ..: both (elements,)."""
        order = np.argsort(self.index.ravel())
        return self.scale.ravel()[order], self.offset.ravel()[order]

    def _like(self, constant: NDArray[Any]) -> NDArray[Any]:
        try:
            return np.broadcast_to(constant, self.shape)
        except ValueError as error:
            raise BephwError(f"a constant of shape {constant.shape} does not fit into shape {self.shape}") from error
