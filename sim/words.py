"""Samples as words of the sample stream."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np
from numpy.typing import NDArray

from bephw.shape import ceil_div

__all__ = ["stream_words", "words_per_sample"]

SAMPLES_AT_A_TIME = 256  # so that a long stream never exists as Python integers all at once


def words_per_sample(x: NDArray[np.uint8], width: int) -> int:
    """Words of `width` bits that carry a sample of `x` (n, K_0), or (n, steps, K_0): every step begins a word."""
    return prod(x.shape[1:-1]) * ceil_div(x.shape[-1], width)


def stream_words(x: NDArray[np.uint8], y: NDArray[np.integer], width: int) -> Iterator[int]:
    """Payloads of the sample stream: `width` input bits, lowest index in bit 0, and the label above them.

    Args:
        x: bits (n, K_0), or (n, steps, K_0), step by step.
        y: labels (n,). The label accompanies every word; hardware takes it with the last.
        width: input bits in a word. Pad bits of the last word are zeros.
    """
    for start in range(0, len(x), SAMPLES_AT_A_TIME):
        bits, labels = x[start : start + SAMPLES_AT_A_TIME], y[start : start + SAMPLES_AT_A_TIME]
        padding = [(0, 0)] * (bits.ndim - 1) + [(0, -bits.shape[-1] % width)]
        words = np.pad(bits, padding).reshape(len(bits), words_per_sample(bits, width), width)
        packed = np.packbits(words, axis=-1, bitorder="little")
        for sample, label in zip(packed, labels, strict=True):
            tag = int(label) << width
            for word in sample:
                yield int.from_bytes(word.tobytes(), "little") | tag
