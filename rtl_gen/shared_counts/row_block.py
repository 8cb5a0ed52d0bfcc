"""Which rows are counted together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["RowBlock", "distinct_rows", "similar_rows"]

CANDIDATES = 64  # rows that are looked at for each place of a block: more find little, and take long


@dataclass(frozen=True)
class RowBlock:
    """Rows of a matrix of bits that are counted together: a base, and others of which it is known where they differ
    from it.

    A row that differs from the base in more than half of the columns is taken for its complement.

    Attributes:
        rows: their indices, that of the base first.
        complemented: of each row, whether its complement is meant; never of the base.
        differing: of each column a number whose bit i is 1 where row i + 1, or its complement, differs from the base.
    """

    rows: tuple[int, ...]
    complemented: tuple[bool, ...]
    differing: NDArray[np.int64]

    @classmethod
    def alone(cls, row: int, columns: int) -> RowBlock:
        """A base and nothing else."""
        return cls((row,), (False,), np.zeros(columns, np.int64))

    def joined_by(self, row: int, complemented: bool, differs: NDArray[np.bool_]) -> RowBlock:
        """With one row more, which `differs` from the base in these columns."""
        differing = self.differing | (differs.astype(np.int64) << len(self.rows) - 1)
        return RowBlock((*self.rows, row), (*self.complemented, complemented), differing)

    def first(self, count: int) -> RowBlock:
        """The base and the rows after it, `count` in all."""
        return RowBlock(self.rows[:count], self.complemented[:count], self.differing & ((1 << count - 1) - 1))

    def columns_by_difference(self) -> dict[int, list[int]]:
        """The columns in which the same rows differ, by their number in `differing`."""
        return {int(number): np.flatnonzero(self.differing == number).tolist() for number in np.unique(self.differing)}


def distinct_rows(words: NDArray[np.uint8]) -> dict[int, tuple[int, bool]]:
    """For every row of `words` (rows, columns) the first row that equals it or its complement, and whether it is the
    complement."""
    seen: dict[bytes, int] = {}
    found = {}
    for row, word in enumerate(words):
        first = seen.setdefault(word.tobytes(), row)
        complement = seen.get((1 - word).tobytes(), row)
        found[row] = (first, False) if first <= complement else (complement, True)
    return found


def similar_rows(words: NDArray[np.uint8], rows: Sequence[int], size: int) -> RowBlock:
    """The first of `rows` and up to `size - 1` others of them, one after the other the one with which the columns fall
    into the most unequal classes: few different sums, and short ones."""
    base, *others = rows
    block = RowBlock.alone(base, words.shape[1])
    while len(block.rows) < size and others:
        joined = [_joined(words, block, row) for row in others[:CANDIDATES]]
        block = max(joined, key=_unevenness)
        others.remove(block.rows[-1])
    return block


def _joined(words: NDArray[np.uint8], block: RowBlock, row: int) -> RowBlock:
    differs = words[row] != words[block.rows[0]]
    complemented = 2 * int(differs.sum()) > len(differs)
    return block.joined_by(row, complemented, differs ^ complemented)


def _unevenness(block: RowBlock) -> float:
    """The entropy of the columns' classes, negated and in units of its own."""
    sizes = np.bincount(block.differing)
    sizes = sizes[sizes > 0]
    return float((sizes * np.log2(sizes)).sum())
