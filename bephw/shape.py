"""The geometry of one folded layer: how its matrix is cut into memory words."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LayerShape", "ceil_div", "default_update_columns"]


@dataclass(frozen=True)
class LayerShape:
    """A matrix of `outputs` x `inputs`, worked on `rows` x `columns` at a time.

    Output j lives in bank `j % rows`, group `j // rows`; input k in word `k // columns`, lane
    `k % columns`. A counter word holds `update_columns` counters of one row.
    """

    index: int
    inputs: int
    outputs: int
    rows: int
    columns: int
    update_columns: int

    @property
    def groups(self) -> int:
        """Row groups: steps over the outputs."""
        return ceil_div(self.outputs, self.rows)

    @property
    def words(self) -> int:
        """Column words: steps over the inputs."""
        return ceil_div(self.inputs, self.columns)

    @property
    def forward_cycles(self) -> int:
        """Cycles that the array is busy with one sample's forward pass."""
        return self.groups * self.words

    @property
    def chunks(self) -> int:
        """Counter words in a plane word."""
        return self.columns // self.update_columns

    @property
    def row_chunks(self) -> int:
        """Counter words in a row, padding included."""
        return self.words * self.chunks

    @property
    def counter_words(self) -> int:
        """Depth of the counter memory."""
        return self.outputs * self.row_chunks

    @property
    def z_bits(self) -> int:
        """Bits of |z|, which is at most `inputs`."""
        return self.inputs.bit_length()


def ceil_div(dividend: int, divisor: int) -> int:
    """Quotient, rounded up."""
    return -(-dividend // divisor)


def default_update_columns(columns: int, most: int = 16) -> int:
    """The largest divisor of `columns` that is at most `most`."""
    return max(width for width in range(1, most + 1) if columns % width == 0)
