"""Samples as words of the sample stream."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np
from numpy.typing import NDArray

from bephw.shape import ceil_div

__all__ = ["stream_words", "word_blocks", "word_size", "words_per_sample"]

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
        chunk = slice(start, start + SAMPLES_AT_A_TIME)
        for sample, label in zip(_packed(x[chunk], width), y[chunk], strict=True):
            tag = int(label) << width
            for word in sample:
                yield int.from_bytes(word.tobytes(), "little") | tag


def word_blocks(x: NDArray[np.uint8], y: NDArray[np.integer], width: int) -> Iterator[NDArray[np.uint8]]:
    """The payloads of `stream_words` as bytes, the lowest first: blocks (words, `word_size`), one behind the other."""
    label_bits = 8 * word_size(y, width) - width
    words = words_per_sample(x, width)
    for start in range(0, len(x), SAMPLES_AT_A_TIME):
        bits = _padded(x[start : start + SAMPLES_AT_A_TIME], width)
        labels = np.asarray(y[start : start + SAMPLES_AT_A_TIME], np.int64)[:, None, None]
        tags = labels >> np.minimum(np.arange(label_bits), 63) & 1
        payloads = np.concatenate([bits, np.broadcast_to(tags, (len(bits), words, label_bits))], axis=-1)
        yield np.packbits(payloads.astype(np.uint8), axis=-1, bitorder="little").reshape(-1, payloads.shape[-1] // 8)


def word_size(y: NDArray[np.integer], width: int) -> int:
    """Bytes that hold `width` bits and any label of `y`."""
    return ceil_div(width + int(np.max(y, initial=0)).bit_length(), 8)


def _packed(x: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Bytes (n, words, bytes of the inputs of a word)."""
    return np.packbits(_padded(x, width), axis=-1, bitorder="little")


def _padded(x: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Bits (n, words, width)."""
    padding = [(0, 0)] * (x.ndim - 1) + [(0, -x.shape[-1] % width)]
    return np.pad(x, padding).reshape(len(x), words_per_sample(x, width), width)
