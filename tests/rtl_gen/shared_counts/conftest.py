"""Matrices of constant words, and what nodes of their counts are worth, in plain Python."""

import types

import numpy as np
import pytest


def words(seed, rows, columns):
    """Words (rows, columns), balanced or lopsided; some equal others, or their complements."""
    generator = np.random.default_rng(seed)
    made = (generator.random((rows, columns)) < generator.choice([0, 0.1, 0.5, 0.5, 0.9])).astype(np.uint8)
    for row in np.flatnonzero(generator.random(rows) < generator.choice([0, 0.3])):
        made[row] = made[generator.integers(rows)] ^ generator.integers(2)
    return made


def inputs(matrix, seed, count=20):
    """Bits (n, columns): words and their complements, and `count` at random."""
    generator = np.random.default_rng(seed)
    return np.vstack((matrix, 1 - matrix, generator.integers(0, 2, (count, matrix.shape[1])))).astype(np.uint8)


def value(node, bits):
    """The count of a node's lanes in `bits`; those from len(bits) on count zeros."""
    lanes = [*bits, *(1 - bits)]
    return sum(int(lanes[lane]) for lane in node.lanes) + sum(value(part, bits) for part in node.parts)


@pytest.fixture
def plain():
    """`words`, `inputs` and `value`."""
    return types.SimpleNamespace(words=words, inputs=inputs, value=value)
