"""Counters as the words of their memory."""

import numpy as np
from numpy.typing import NDArray

from bephw.shape import LayerShape

__all__ = ["counter_words"]


def counter_words(counters: NDArray[np.int16], shape: LayerShape, bits: int) -> list[int]:
    """The content of a counter memory.

    Args:
        counters: int16 (outputs, inputs).
        shape: geometry: word `j * row_chunks + q` holds counters [j, q * update_columns ...], the first lowest.
        bits: width of a counter in the word.

    Returns:
        `shape.counter_words` unsigned integers; padding is zero.
    """
    width = shape.update_columns
    padded = np.zeros((shape.outputs, shape.row_chunks * width), np.int64)
    padded[:, : shape.inputs] = counters
    padded &= (1 << bits) - 1
    # Bits of a word, lowest first, packed eight at a time: int.from_bytes does the rest.
    spread = (padded.reshape(-1, width, 1) >> np.arange(bits)) & 1
    packed = np.packbits(spread.reshape(-1, width * bits).astype(np.uint8), axis=1, bitorder="little")
    return [int.from_bytes(word.tobytes(), "little") for word in packed]
