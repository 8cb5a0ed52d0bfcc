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
    later: list[list[Bits]] = field(default_factory=list)  # planes that end_batch is still to show

    def signs(self) -> list[Bits]:
        return [[int(c >= 0) for c in row] for row in self.counters]

    def end_batch(self) -> None:
        self.later.append(self.signs())
        self.plane = self.later.pop(0)


class Reference:
    """Same methods and results as `GoldenModel`, as lists."""

    def __init__(self, settings: Settings, state: NetworkState, rates: tuple[int, ...]) -> None:
        self.settings, self.rates, self.in_batch = settings, rates, 0
        self.algorithm = settings.learning.algorithm
        self.frames = [frame.tolist() for frame in (*state.hidden_prototypes, state.prototypes)]
        self.layers = [
            Layer(counters.tolist(), int(generator), int(accumulator))
            for counters, generator, accumulator in zip(
                state.counters, state.generators, state.accumulators, strict=True
            )
        ]
        for layer in self.layers:
            layer.plane = layer.signs()
            layer.later = [layer.signs() for _ in range(settings.learning.lag)]

    def end_batch(self) -> None:
        top = 2 ** (self.settings.learning.bits - 1)
        for layer in self.layers:
            layer.counters = [[min(max(c, -top), top - 1) for c in row] for row in layer.counters]
            layer.end_batch()
        self.in_batch = 0

    def train_one(self, x: list, label: int) -> tuple[int, list[int], object]:
        """Prediction, logits, and whether the sample taught (LBES: a list, one entry a layer).

        `x` is a list of bits, or for BEP-TT a list of steps of bits.
        """
        cell_inputs, cell_sums = self.run_cell(x) if self.algorithm == "bep-tt" else ([], [])
        first = 1 if cell_inputs else 0
        inputs, sums, a = [], [], cell_inputs.pop() if cell_inputs else x
        for layer in self.layers[first:]:
            inputs.append(a)
            sums.append([agreement(row, a) for row in layer.plane])
            a = [int(value >= 0) for value in sums[-1]]
        logits = [agreement(row, a) for row in self.frames[-1]]
        if self.algorithm == "lbes":
            taught: object = self.learn_locally([*inputs, a], sums, label)
        else:
            taught = self.teaches(logits, label, self.settings.margins[0])
            if taught:
                desired = self.learn_down(inputs, sums, self.frames[-1][label], first)
                self.learn_through_time(cell_inputs, cell_sums, desired)
        for layer, rate in zip(self.layers, self.rates, strict=True):
            self.reinforce(layer, rate)
        self.in_batch += 1
        if self.in_batch == self.settings.learning.batch:
            self.end_batch()
        return logits.index(max(logits)), logits, taught

    def run_cell(self, series: list[Bits]) -> tuple[list[Bits], list[list[int]]]:
        """The cell's inputs, and last of all its last state; z of every step."""
        state = [1] * len(self.layers[0].plane)
        inputs, sums = [], []
        for x in series:
            inputs.append(x + state)
            sums.append([agreement(row, inputs[-1]) for row in self.layers[0].plane])
            state = [int(z >= 0) for z in sums[-1]]
        return [*inputs, state], sums

    def teaches(self, logits: list[int], label: int, margin: int) -> bool:
        if label >= len(logits):
            return False
        return logits[label] - max(y for c, y in enumerate(logits) if c != label) < margin

    def learn_locally(self, activations: list[Bits], sums: list[list[int]], label: int) -> list[bool]:
        taught = []
        for index, layer in enumerate(self.layers):
            logits = [agreement(row, activations[index + 1]) for row in self.frames[index]]
            taught.append(self.teaches(logits, label, self.settings.margins[index]))
            if taught[index]:
                desired = self.frames[index][label]
                self.step_winners(layer, sums[index], desired, activations[index], self.settings.gamma[index])
        return taught

    def learn_down(self, inputs: list[Bits], sums: list[list[int]], desired: Bits, first: int) -> Bits:
        """Desired inputs of layer `first`."""
        for index in reversed(range(first, len(self.layers))):
            layer, z, a_in = self.layers[index], sums[index - first], inputs[index - first]
            below = self.desired_below(layer, z, desired, a_in, self.settings.G[index])
            self.step_winners(layer, z, desired, a_in, self.settings.gamma[index])
            desired = below
        return desired

    def learn_through_time(self, inputs: list[Bits], sums: list[list[int]], desired: Bits) -> None:
        width = self.settings.network.sizes[0]
        for a_in, z in reversed(list(zip(inputs, sums, strict=True))):
            layer = self.layers[0]
            below = self.desired_below(layer, z, desired, a_in, self.settings.G[0])
            self.step_winners(layer, z, desired, a_in, self.settings.gamma[0])
            desired = below[width:]

    def step_winners(self, layer: Layer, z: list[int], desired: Bits, a_in: Bits, gamma: int) -> None:
        for j in self.winner_rows(z, desired, gamma):
            for k, a in enumerate(a_in):
                if (k + self.in_batch) % self.settings.learning.update_stride == 0:
                    self.step(layer, j, k, up=desired[j] == a)

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
            burst = self.settings.learning.burst
            for i in range(len(layer.counters[0])):
                if i // burst == k // burst:
                    self.step(layer, j, i, up=layer.counters[j][i] >= 0)
        layer.accumulator &= 0xFFFF

    def step(self, layer: Layer, j: int, k: int, *, up: bool) -> None:
        top = 2 ** (self.settings.learning.bits - 1)
        stepped = layer.counters[j][k] + (1 if up else -1)
        if -top <= stepped <= top - 1 or self.settings.learning.clipping == "batch":
            layer.counters[j][k] = stepped


def agreement(left: Bits, right: Bits) -> int:
    return sum(1 if a == b else -1 for a, b in zip(left, right, strict=True))


def xorshift32(u: int) -> int:
    u ^= (u << 13) & 0xFFFFFFFF
    u ^= u >> 17
    return u ^ ((u << 5) & 0xFFFFFFFF)
