"""The parts of a layer, each as numerics.md has it; compiled on first use, then kept on disk.

Shapes: `plane` uint64 (K_out, words) holds rows of packed weights, `words` a packed input, both 0 beyond K_in;
`a`, `d` are int8 +1/-1, `z` int32. All outputs are written in place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from bephw.golden.compiled.cache import compiled

__all__ = [
    "argmax",
    "count_ones",
    "desired_below",
    "forward",
    "pack",
    "pack_rows",
    "reinforce",
    "sign_and_pack",
    "step_row",
    "teaches",
    "update_winners",
]

WORD = 64


@intrinsic
def count_ones(typing_context: Any, word: Any) -> Any:
    """Number of ones in a 64-bit word: one instruction."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        counted = builder.ctpop(arguments[0])
        return builder.trunc(counted, ir.IntType(32))

    return types.int32(types.uint64), generate


@compiled
def pack(a, words):
    """Pack the positive entries of `a` (n,) into `words`, the first into bit 0 of the first word."""
    n = len(a)
    for w in range((n + WORD - 1) // WORD):
        word = np.uint64(0)
        for bit in range(min(WORD, n - w * WORD)):
            word |= np.uint64(a[w * WORD + bit] > 0) << np.uint64(bit)
        words[w] = word


def pack_rows(bits: NDArray[Any], packed: NDArray[np.uint64]) -> None:
    """Every row of `bits` (..., n), 0 and 1, as `pack`, into `packed` (..., words): all at once, in NumPy."""
    row_bytes = np.packbits(bits, axis=-1, bitorder="little")
    packed.view(np.uint8)[..., : row_bytes.shape[-1]] = row_bytes


@compiled
def forward(plane, words, inputs, z):
    """z = 2 * popcount(xnor) - K_in, as K_in - 2 * popcount(xor): bits beyond K_in are equal and count for nothing."""
    for j in range(plane.shape[0]):
        differ = np.int32(0)
        for w in range(plane.shape[1]):
            differ += count_ones(plane[j, w] ^ words[w])
        z[j] = inputs - 2 * differ


@compiled
def sign_and_pack(z, thresholds, a, words):
    """a = +1 where z >= threshold, else -1; and the same packed."""
    for j in range(len(z)):
        a[j] = 1 if z[j] >= thresholds[j] else -1
    pack(a, words)


@compiled
def argmax(y):
    """The largest entry's index, the lowest among equals."""
    best = 0
    for c in range(1, len(y)):
        if y[c] > y[best]:
            best = c
    return best


@compiled
def teaches(y, label, margin):
    """Section 3: y_t - max over c != t of y_c < R. A label that is no class never teaches."""
    if label >= len(y):
        return False
    other = np.int64(-(2**40))
    for c in range(len(y)):
        if c != label and y[c] > other:
            other = y[c]
    return y[label] - other < margin


@compiled
def desired_below(plane, first, z, d, gate, keep, a, votes, below):
    """Section 4: what the open rows (|z| <= gate) want of the inputs from column `first` on.

    plane: int8 (K_out, K_in); a: the inputs' own values, kept on ties where `keep`; votes: int32, a scratch;
    below: the result.
    """
    n = len(below)
    for k in range(n):
        votes[k] = 0
    for i in range(len(z)):
        if abs(z[i]) <= gate:
            sign = np.int32(d[i])
            row = plane[i, first : first + n]
            for k in range(n):
                votes[k] += sign * row[k]
    for k in range(n):
        if votes[k] != 0:
            below[k] = 1 if votes[k] > 0 else -1
        else:
            below[k] = a[k] if keep else 1


@compiled
def update_winners(counters, z, d, gamma, a, low, high, stride, number):
    """Section 4: in every group of `gamma` outputs the wrong one with the smallest |z| steps its row towards d * a.

    Sample `number` steps the columns k with (k + number) mod stride = 0. `low` and `high` are of the counters' type.
    """
    begin = (stride - number % stride) % stride
    for group in range(len(z) // gamma):
        winner, least = -1, np.int32(2**30)
        for j in range(group * gamma, (group + 1) * gamma):
            if d[j] * z[j] < 0 and abs(z[j]) < least:
                winner, least = j, abs(z[j])
        if winner >= 0 and stride == 1:  # A loop of its own: steps of 1 run many counters at a time.
            step_row(counters[winner], d[winner], a, low, high)
        elif winner >= 0:
            step_row(counters[winner, begin::stride], d[winner], a[begin::stride], low, high)


@compiled
def step_row(row, desired, a, low, high):
    """Every counter of `row` up where its input is `desired`, else down; not beyond `low` and `high`."""
    for k in range(len(row)):
        c = row[k]
        row[k] = c + (c < high) if a[k] == desired else c - (c > low)


@compiled
def reinforce(counters, rate, accumulator, generator, low, high, burst):
    """Section 5, one sample: the next accumulator and generator. An event steps `burst` counters, a power of two."""
    outputs, inputs = np.uint64(counters.shape[0]), np.uint64(counters.shape[1])
    due = np.uint64(accumulator) + np.uint64(rate)
    u = np.uint64(generator)
    for _ in range(due >> np.uint64(16)):
        u ^= (u << np.uint64(13)) & np.uint64(0xFFFFFFFF)
        u ^= u >> np.uint64(17)
        u ^= (u << np.uint64(5)) & np.uint64(0xFFFFFFFF)
        j = ((u >> np.uint64(16)) * outputs) >> np.uint64(16)
        k = ((u & np.uint64(0xFFFF)) * inputs) >> np.uint64(16)
        begin = np.int64(k) & -burst
        for i in range(begin, min(begin + burst, counters.shape[1])):
            c = counters[j, i]
            counters[j, i] = c + (c < high) if c >= 0 else c - (c > low)
    return due & np.uint64(0xFFFF), u
