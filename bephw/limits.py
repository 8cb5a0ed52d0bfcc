"""The largest values that can be meant; beyond them a number is a slip of the pen."""

from __future__ import annotations

__all__ = [
    "LARGEST_OFFSET",
    "LARGEST_P_R",
    "LARGEST_RATE",
    "LARGEST_SCALE",
    "LARGEST_SIZE",
    "MOST_BATCHES",
    "MOST_EPOCHS",
    "MOST_JOBS",
    "MOST_TRIALS",
]

LARGEST_SIZE = 65_535
LARGEST_RATE = 2**32 - 1
LARGEST_P_R = 1_000.0  # Papers have 2 at most; every weight of every network is reinforced in every batch long before.
LARGEST_SCALE, LARGEST_OFFSET = 2**24, 2**48  # Of a class's score.
MOST_EPOCHS = 1_000_000  # Each has an entry in every result.
MOST_BATCHES = 100_000  # That a plan measures.
MOST_JOBS = 4_096
MOST_TRIALS = 1_000_000
