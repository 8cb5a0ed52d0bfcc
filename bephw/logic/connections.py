"""Which signals the gates of a layer read: fixed before training, and never changed by it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bephw.settings import Settings

__all__ = ["Pairs", "balanced", "connections", "drawn", "local", "unique"]

CONNECTIONS = 3  # The random stream of this name, as those of the golden model's initial state.

Pairs = NDArray[np.int64]
"""(gates, 2): the numbers of the two inputs of each gate, different ones where a layer has more than one input."""
Draw = Callable[[int, int, np.random.Generator], Pairs]
"""Of numbers of gates and inputs."""


def connections(settings: Settings) -> list[Pairs]:
    """Of every layer, by `logic.connections` and `learning.seed`."""
    random = np.random.default_rng([settings.learning.seed, CONNECTIONS])
    kind, reach = settings.logic.connections, settings.logic.reach
    draws: dict[str, Draw] = {"balanced": balanced, "unique": unique, "random": drawn, "local": partial(local, reach)}
    return [draws[kind](gates, inputs, random) for gates, inputs in settings.matrices]


def balanced(gates: int, inputs: int, random: np.random.Generator) -> Pairs:
    """Every input is read as often as any other, or once more."""
    pairs = random.permutation(_ends(gates, inputs, random)).reshape(gates, 2)
    if inputs > 1:
        _part_equal_ends(pairs, lambda _, others: random.choice(others))
    return pairs


def local(reach: float, gates: int, inputs: int, random: np.random.Generator) -> Pairs:
    """As `balanced`, but gates read what lies near them, when the signals of each layer fill a square, row by row.

    Each end of a gate belongs at the place of the input that it reads, moved along both axes by up to half of `reach`
    sides of the square; gates then take the ends in that order: each row of gates the next ones from top to bottom, and
    each gate of it the next two from left to right.
    """
    ends = _ends(gates, inputs, random)
    x, y = (_square(inputs)[ends] + random.uniform(-reach / 2, reach / 2, (len(ends), 2))).T
    row = 2 * _side(gates)
    rows = np.split(np.argsort(y), range(row, len(ends), row))
    pairs = np.concatenate([ends[part[np.argsort(x[part])]] for part in rows]).reshape(gates, 2)
    if inputs > 1:
        square = _square(gates)
        _part_equal_ends(pairs, lambda gate, others: others[np.abs(square[others] - square[gate]).sum(axis=1).argmin()])
    return pairs


def _ends(gates: int, inputs: int, random: np.random.Generator) -> NDArray[np.int64]:
    """As many inputs as the gates have ends, each as often as any other, or once more."""
    rounds = -(-2 * gates // inputs)
    return np.concatenate([random.permutation(inputs) for _ in range(rounds)])[: 2 * gates]


def _side(signals: int) -> int:
    """Signals in a row of the square that they fill; the last row may have fewer."""
    return math.isqrt(signals - 1) + 1


def _square(signals: int) -> NDArray[np.float64]:
    """(signals, 2): x and y in the unit square, every row from side to side."""
    side = _side(signals)
    y, x = np.divmod(np.arange(signals), side)
    return np.stack([(x + 0.5) / np.minimum(side, signals - y * side), (y + 0.5) / side], axis=1)


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


def _part_equal_ends(pairs: Pairs, choose: Callable[[int, NDArray[np.int64]], int]) -> None:
    """Swaps ends between gates where one has the same twice, and the one that is chosen for it of those that it may
    swap with; how often each is read stays."""
    for gate in np.flatnonzero(pairs[:, 0] == pairs[:, 1]):
        if pairs[gate, 0] != pairs[gate, 1]:
            continue  # It was given another end already.
        # There is one without it: of so many gates no input has more than as many ends.
        without = np.flatnonzero((pairs != pairs[gate, 0]).all(axis=1))
        other = choose(gate, without)
        pairs[gate, 1], pairs[other, 1] = pairs[other, 1], pairs[gate, 1]
