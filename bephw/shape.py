"""The geometry of one folded layer: how its matrix is cut into memory words."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["LayerShape", "ceil_div", "default_update_columns"]


@dataclass(frozen=True)
class LayerShape:
    """A matrix of `outputs` x `inputs`, worked on `rows` x `columns` at a time.

    Output j lives in bank `j % rows`, group `j // rows`; input k in word `k // columns`, lane
    `k % columns`. A counter word holds `update_columns` counters of one row.

    Up to `samples` samples meet each word of weights at once, every one in a channel of its own: sample number i passes
    through channel `i % samples`.

    A recurrent cell works on a sample in steps, at most `steps`; its last inputs, as many as it has outputs, are its
    outputs of the step before. Up to `slots` samples are in each of its channels at a time. Any other layer has no
    `steps`.

    Reinforcement steps `burst` neighbouring counters of a row at a time, a power of two: its bursts begin at every
    multiple of that, and a row's last one may be cut short.
    """

    index: int
    inputs: int
    outputs: int
    rows: int
    columns: int
    update_columns: int
    steps: int | None = None
    slots: int = 1
    burst: int = 1
    samples: int = 1

    @property
    def groups(self) -> int:
        """Row groups: steps over the outputs."""
        return ceil_div(self.outputs, self.rows)

    @property
    def words(self) -> int:
        """Column words: steps over the inputs."""
        return ceil_div(self.inputs, self.columns)

    @property
    def lanes(self) -> int:
        """XNOR gates of the array."""
        return self.samples * self.rows * self.columns

    @property
    def forward_cycles(self) -> int:
        """Cycles that the array is busy with the forward pass of one sample, or of up to `samples` at once."""
        return self.groups * self.words

    @property
    def scan(self) -> int:
        """Outputs that leave the array in a cycle: so many that a row group is gone when the next one is ready.

        Of a cell whole row groups do: each step's lesson waits for the one after it, so its winner search must be
        short. Where several samples pass together, a row group is gone a cycle earlier, if it can: their searches, as
        long as a pass otherwise, are what the last samples of a batch wait for.
        """
        if self.steps is not None:
            return self.rows
        return ceil_div(self.rows, self.words if self.samples == 1 else max(self.words - 1, 1))

    @property
    def beats(self) -> int:
        """Beats of `scan` outputs in a row group, at most `words`."""
        return ceil_div(self.rows, self.scan)

    @property
    def last_beats(self) -> int:
        """Beats in the last row group, which may be shorter."""
        return ceil_div(self.outputs - (self.groups - 1) * self.rows, self.scan)

    @property
    def scan_beats(self) -> int:
        """Beats of a sample, at most `forward_cycles`."""
        return (self.groups - 1) * self.beats + self.last_beats

    def beat(self, group: int, index: int) -> range:
        """Outputs of beat `index` of a row group."""
        first = group * self.rows + index * self.scan
        return range(first, min(first + self.scan, (group + 1) * self.rows, self.outputs))

    def all_beats(self) -> list[range]:
        """Outputs of every beat of a sample, in order."""
        rows, scan = self.rows, self.scan
        groups = [range(first, min(first + rows, self.outputs)) for first in range(0, self.outputs, rows)]
        return [group[first : first + scan] for group in groups for first in range(0, len(group), scan)]

    def slice_width(self, gamma: int) -> int:
        """Outputs that the winner search examines in a cycle: no more than a winner group has."""
        return min(self.scan, gamma)

    def parts(self, gamma: int) -> int:
        """Slices of a beat in the winner search."""
        return ceil_div(self.scan, self.slice_width(gamma))

    def slices(self, gamma: int) -> list[range]:
        """Outputs of every slice of a sample, in order; a slice whose beat has ended earlier is empty."""
        width, parts = self.slice_width(gamma), range(self.parts(gamma))
        return [beat[part * width : (part + 1) * width] for beat in self.all_beats() for part in parts]

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

    def burst_chunks(self, column: int) -> range:
        """Counter words in a row that the burst of a counter lies in."""
        begin = column - column % self.burst
        return range(
            begin // self.update_columns, (min(begin + self.burst, self.inputs) - 1) // self.update_columns + 1
        )

    @property
    def burst_words(self) -> int:
        """Counter words that a burst lies in, at most."""
        begins = range(0, min(self.inputs, self.burst * self.update_columns), self.burst)
        return max(len(self.burst_chunks(begin)) for begin in begins)

    @property
    def burst_step(self) -> int:
        """Bursts begin and end at lanes that are multiples of this, a power of two; but for the end of a row."""
        return math.gcd(self.burst, self.update_columns)

    @property
    def burst_begins(self) -> range:
        """Lanes at which a burst may begin, as each of its words sees it: below 0, if it began in a word before.

        Where all its words are full of it, it is as good as begun in each of them.
        """
        fits = self.burst_step in (self.burst, self.update_columns)
        return range(0 if fits else self.burst_step - self.burst, self.update_columns, self.burst_step)

    @property
    def passed_on(self) -> range:
        """Inputs that the error propagation of this layer is about: all, or of a cell its state."""
        return range(0 if self.steps is None else self.inputs - self.outputs, self.inputs)

    @property
    def passed_on_words(self) -> range:
        """Column words that hold any of them."""
        return range(self.passed_on.start // self.columns, self.words)

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
