"""A netlist of AND and XOR gates whose inputs and outputs may be inverted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

__all__ = ["FALSE", "TRUE", "Gate", "Netlist"]

FALSE, TRUE = 0, 1
"""The literals of node 0, which is always 0."""


class Gate(NamedTuple):
    """AND, or XOR, of two literals. A literal is twice the number of a node, and 1 more where it is inverted."""

    xor: bool
    a: int
    b: int


@dataclass(frozen=True)
class Netlist:
    """Nodes: 0 is the constant 0, then come the inputs, then the gates, each after those that it reads.

    Attributes:
        inputs: how many.
        gates: in order.
        outputs: literals.
    """

    inputs: int
    gates: tuple[Gate, ...]
    outputs: tuple[int, ...]

    @property
    def first_gate(self) -> int:
        """Number of the first gate's node."""
        return 1 + self.inputs

    @cached_property
    def levels(self) -> list[int]:
        """Of every node: gates on the longest way to it from an input."""
        levels = [0] * self.first_gate
        for gate in self.gates:
            levels.append(1 + max(levels[gate.a >> 1], levels[gate.b >> 1]))
        return levels

    @property
    def depth(self) -> int:
        """Gates on the longest way from an input to an output."""
        return max((self.levels[literal >> 1] for literal in self.outputs), default=0)

    def evaluate(self, inputs: Sequence[int], samples: int) -> list[int]:
        """The outputs for some samples at once: a number for each input and output, with a bit a sample."""
        every = (1 << samples) - 1
        values = [0, *inputs]

        def value(literal: int) -> int:
            return values[literal >> 1] ^ (every if literal & 1 else 0)

        for gate in self.gates:
            a, b = value(gate.a), value(gate.b)
            values.append(a ^ b if gate.xor else a & b)
        return [value(literal) for literal in self.outputs]
