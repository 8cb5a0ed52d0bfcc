"""numerics.md once more, sample by sample and weight by weight in plain Python integers.

Deliberately naive: no array arithmetic and nothing shared with `bephw.golden`, so that an error in the one is
not an error in the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bephw.settings import Settings
from bephw.state import NetworkState

Bits = list[int]


@dataclass
class Layer:
    counters: list[list[int]]
    generator: int
    accumulator: int
    plane: list[Bits] = field(default_factory=list)

    def refresh(self) -> None:
        self.plane = [[int(c >= 0) for c in row] for row in self.counters]


class Reference:
    """Same methods and results as `GoldenModel`, as lists."""

    def __init__(self, settings: Settings, state: NetworkState, rates: tuple[int, ...]) -> None:
        self.settings, self.rates, self.in_batch = settings, rates, 0
        self.prototypes = state.prototypes.tolist()
        self.layers = [
            Layer(counters.tolist(), int(generator), int(accumulator))
            for counters, generator, accumulator in zip(
                state.counters, state.generators, state.accumulators, strict=True
            )
        ]
        self.end_batch()

    def end_batch(self) -> None:
        for layer in self.layers:
            layer.refresh()
        self.in_batch = 0

    def train_one(self, x: Bits, label: int) -> tuple[int, list[int], bool]:
        """Prediction, logits, and whether the sample taught."""
        activations, sums = [x], []
        for layer in self.layers:
            z = [agreement(row, activations[-1]) for row in layer.plane]
            sums.append(z)
            activations.append([int(value >= 0) for value in z])
        logits = [agreement(row, activations[-1]) for row in self.prototypes]
        taught = self.teaches(logits, label)
        if taught:
            self.learn(activations, sums, label)
        for layer, rate in zip(self.layers, self.rates, strict=True):
            self.reinforce(layer, rate)
        self.in_batch += 1
        if self.in_batch == self.settings.learning.batch:
            self.end_batch()
        return logits.index(max(logits)), logits, taught

    def teaches(self, logits: list[int], label: int) -> bool:
        if label >= len(logits):
            return False
        return logits[label] - max(y for c, y in enumerate(logits) if c != label) < self.settings.R

    def learn(self, activations: list[Bits], sums: list[list[int]], label: int) -> None:
        desired = self.prototypes[label]
        for index in reversed(range(len(self.layers))):
            layer, z, a_in = self.layers[index], sums[index], activations[index]
            below = self.desired_below(layer, z, desired, a_in, self.settings.G[index])
            for j in self.winner_rows(z, desired, self.settings.gamma[index]):
                for k, a in enumerate(a_in):
                    self.step(layer, j, k, up=desired[j] == a)
            desired = below

    def desired_below(self, layer: Layer, z: list[int], desired: Bits, a_in: Bits, gate: int) -> Bits:
        below = []
        for k, a in enumerate(a_in):
            v = 0
            for i, weights in enumerate(layer.plane):
                if abs(z[i]) <= gate:
                    v += 1 if desired[i] == weights[k] else -1
            tied = a if self.settings.learning.tie == "keep" else 1
            below.append(1 if v > 0 else 0 if v < 0 else tied)
        return below

    def winner_rows(self, z: list[int], desired: Bits, gamma: int) -> list[int]:
        rows = []
        for first in range(0, len(z), gamma):
            wrong = [j for j in range(first, first + gamma) if (z[j] < 0 if desired[j] else z[j] > 0)]
            if wrong:
                rows.append(min(wrong, key=lambda j: (abs(z[j]), j)))
        return rows

    def reinforce(self, layer: Layer, rate: int) -> None:
        layer.accumulator += rate
        for _ in range(layer.accumulator >> 16):
            u = layer.generator = xorshift32(layer.generator)
            j = ((u >> 16) * len(layer.counters)) >> 16
            k = ((u & 0xFFFF) * len(layer.counters[0])) >> 16
            self.step(layer, j, k, up=layer.counters[j][k] >= 0)
        layer.accumulator &= 0xFFFF

    def step(self, layer: Layer, j: int, k: int, *, up: bool) -> None:
        top = 2 ** (self.settings.learning.bits - 1)
        stepped = layer.counters[j][k] + (1 if up else -1)
        if -top <= stepped <= top - 1:
            layer.counters[j][k] = stepped


def agreement(left: Bits, right: Bits) -> int:
    return sum(1 if a == b else -1 for a, b in zip(left, right, strict=True))


def xorshift32(u: int) -> int:
    u ^= (u << 13) & 0xFFFFFFFF
    u ^= u >> 17
    return u ^ ((u << 5) & 0xFFFFFFFF)
