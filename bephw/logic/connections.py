"""Which signals the gates of a layer read: fixed before training, and never changed by it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bephw.settings import Settings

__all__ = ["Pairs", "balanced", "connections", "drawn", "unique"]

CONNECTIONS = 3  # The random stream of this name, as those of the golden model's initial state.

Pairs = NDArray[np.int64]
"""(gates, 2): the numbers of the two inputs of each gate, different ones where a layer has more than one input."""


def connections(settings: Settings) -> list[Pairs]:
    """Of every layer, by `logic.connections` and `learning.seed`."""
    random = np.random.default_rng([settings.learning.seed, CONNECTIONS])
    draw = {"balanced": balanced, "unique": unique, "random": drawn}[settings.logic.connections]
    return [draw(gates, inputs, random) for gates, inputs in settings.matrices]


def balanced(gates: int, inputs: int, random: np.random.Generator) -> Pairs:
    """Every input is read as often as any other, or once more."""
    rounds = -(-2 * gates // inputs)
    ends = np.concatenate([random.permutation(inputs) for _ in range(rounds)])[: 2 * gates]
    pairs = random.permutation(ends).reshape(gates, 2)
    if inputs > 1:
        _part_equal_ends(pairs, random)
    return pairs


def unique(gates: int, inputs: int, random: np.random.Generator) -> Pairs:
    """No two gates read the same pair: neighbours (0, 1), (2, 3), .. first, then (1, 2), (3, 4), .., then all pairs of
    distance 2, 3, .., in a random order of gates. There must be so many pairs."""
    found: list[Pairs] = []
    starts = [np.arange(0, inputs - 1, 2), np.arange(1, inputs - 1, 2)]
    starts += [np.arange(inputs - distance) for distance in range(2, inputs)]
    for first, distance in zip(starts, [1, 1, *range(2, inputs)], strict=True):
        found.append(np.stack([first, first + distance], axis=1))
        if sum(map(len, found)) >= gates:
            break
    return random.permutation(np.concatenate(found)[:gates])


def drawn(gates: int, inputs: int, random: np.random.Generator) -> Pairs:
    """Each gate reads any two inputs."""
    first = random.integers(0, inputs, gates)
    second = random.integers(0, max(inputs - 1, 1), gates)
    return np.stack([first, second + (second >= first) if inputs > 1 else second], axis=1)


def _part_equal_ends(pairs: Pairs, random: np.random.Generator) -> None:
    """Swaps ends between gates where one has the same twice; how often each is read stays."""
    for gate in np.flatnonzero(pairs[:, 0] == pairs[:, 1]):
        if pairs[gate, 0] != pairs[gate, 1]:
            continue  # It was given another end already.
        # There is one without it: of so many gates no input has more than as many ends.
        without = np.flatnonzero((pairs != pairs[gate, 0]).all(axis=1))
        other = random.choice(without)
        pairs[gate, 1], pairs[other, 1] = pairs[other, 1], pairs[gate, 1]
