"""Samples as words of the sample stream."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bephw.shape import ceil_div

__all__ = ["stream_words", "words_per_sample"]

SAMPLES_AT_A_TIME = 256  # so that a long stream never exists as Python integers all at once


def words_per_sample(inputs: int, width: int) -> int:
    """Words of `width` bits that carry `inputs` bits."""
    return ceil_div(inputs, width)


def stream_words(x: NDArray[np.uint8], y: NDArray[np.integer], width: int) -> Iterator[int]:
    """Payloads of the sample stream: `width` input bits, lowest index in bit 0, and the label above them.

    Args:
        x: bits (n, K_0).
        y: labels (n,). The label accompanies every word; hardware takes it with the last.
        width: input bits in a word. Pad bits of the last word are zeros.
    """
    for start in range(0, len(x), SAMPLES_AT_A_TIME):
        bits, labels = x[start : start + SAMPLES_AT_A_TIME], y[start : start + SAMPLES_AT_A_TIME]
        words = words_per_sample(bits.shape[1], width)
        padded = np.zeros((len(bits), words * width), np.uint8)
        padded[:, : bits.shape[1]] = bits
        packed = np.packbits(padded.reshape(len(bits), words, width), axis=-1, bitorder="little")
        for sample, label in zip(packed, labels, strict=True):
            tag = int(label) << width
            for word in sample:
                yield int.from_bytes(word.tobytes(), "little") | tag
