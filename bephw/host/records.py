"""Samples as they lie in a board's store: what the checksum that a board computes must be."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from bephw.boards.store.layout import RecordLayout

__all__ = ["records", "records_checksum"]

PIECE = 4096


def records(x: NDArray[np.uint8], y: NDArray[np.integer], layout: RecordLayout) -> NDArray[np.uint8]:
    """Bytes (n, bytes of a record) of bits (n, K_0), or (n, steps, K_0), and labels (n,), by docs/store.md."""
    width, steps = layout.stream_width, x.shape[1] if x.ndim == 3 else 1
    labels = np.asarray(y)[:, None] >> np.arange(layout.label_chunks * layout.chunk) & 1
    padded = np.zeros((len(x), steps, layout.stream_words // steps * width), np.uint8)
    padded[:, :, : x.shape[-1]] = x.reshape(len(x), steps, -1)
    used = np.concatenate([labels.astype(np.uint8), padded.reshape(len(x), -1)], axis=1)
    whole = np.pad(used, [(0, 0), (0, layout.words * layout.word - used.shape[1])])
    return np.packbits(whole, axis=1, bitorder="little")


def records_checksum(x: NDArray[np.uint8], y: NDArray[np.integer], layout: RecordLayout) -> int:
    """CRC-32 of all records, in their order."""
    crc = 0
    for start in range(0, len(x), PIECE):
        part = slice(start, start + PIECE)
        crc = zlib.crc32(records(x[part], y[part], layout).tobytes(), crc)
    return crc
