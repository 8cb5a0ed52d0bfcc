"""From a learnt network to the gates that it needs."""

from __future__ import annotations

from bephw.logic_state import LogicState
from bephw.rtl_gen.logic.netlist import FALSE, Gate, Netlist

__all__ = ["simplified"]


def simplified(state: LogicState, inputs: int) -> Netlist:
    """The netlist of a network of `inputs` inputs, which computes the same outputs with fewer gates.

    Constants are folded; wires and inverters vanish, as literals say of both whose and whether inverted; gates that
    compute the same of the same signals, be it inverted, are one; gates that no output needs are left out.
    """
    gates = _SharedGates(inputs)
    literals = [2 * node for node in range(1, 1 + inputs)]
    for layer in state.layers:
        columns = (layer.gate.tolist(), layer.index_a.tolist(), layer.index_b.tolist())
        literals = [gates.add(gate, literals[a], literals[b]) for gate, a, b in zip(*columns, strict=True)]
    return _without_dead(Netlist(inputs, tuple(gates.gates), tuple(literals)))


class _SharedGates:
    """Gates, each of which computes something new."""

    def __init__(self, inputs: int) -> None:
        self.gates: dict[Gate, int] = {}  # with their nodes, in order
        self._next = 1 + inputs

    def add(self, gate: int, a: int, b: int) -> int:
        """The literal that has what gate number `gate` (bephw/logic_state.py) computes of two literals."""
        nodes = sorted({a >> 1, b >> 1} - {0})

        def value(*values: int) -> int:
            """What it computes where the nodes have these values."""
            known = dict(zip(nodes, values, strict=True))
            bit_a, bit_b = (known.get(literal >> 1, 0) ^ (literal & 1) for literal in (a, b))
            return gate >> (3 - 2 * bit_a - bit_b) & 1

        if not nodes:
            return FALSE ^ value()
        if len(nodes) == 1:
            return _of_one(nodes[0], value(0), value(1))
        return self._of_two(nodes[0], nodes[1], [value(0, 0), value(0, 1), value(1, 0), value(1, 1)])

    def _of_two(self, first: int, second: int, table: list[int]) -> int:
        """The literal that has, of two nodes, the function with the values `table` at 00, 01, 10 and 11."""
        if table[:2] == table[2:]:
            return _of_one(second, table[0], table[1])
        if table[::2] == table[1::2]:
            return _of_one(first, table[0], table[2])
        if sum(table) == 2:
            return self._shared(Gate(True, 2 * first, 2 * second)) ^ table[0]
        # One value differs from the other three: an AND, or an inverted one.
        inverted = int(sum(table) == 3)
        place = table.index(1 - inverted)
        return self._shared(Gate(False, 2 * first + (place < 2), 2 * second + (place % 2 == 0))) ^ inverted

    def _shared(self, gate: Gate) -> int:
        if gate not in self.gates:
            self.gates[gate] = self._next
            self._next += 1
        return 2 * self.gates[gate]


def _of_one(node: int, at_0: int, at_1: int) -> int:
    """The literal that has, of a node, the function with these values."""
    return FALSE ^ at_0 if at_0 == at_1 else 2 * node ^ at_0


def _without_dead(netlist: Netlist) -> Netlist:
    """The gates that outputs depend on, numbered anew."""
    first = netlist.first_gate
    needed = {literal >> 1 for literal in netlist.outputs}
    for node in range(first + len(netlist.gates) - 1, first - 1, -1):
        if node in needed:
            gate = netlist.gates[node - first]
            needed |= {gate.a >> 1, gate.b >> 1}
    place = {node: node for node in range(first)}
    kept: list[Gate] = []

    def moved(literal: int) -> int:
        return 2 * place[literal >> 1] + (literal & 1)

    for node, gate in enumerate(netlist.gates, first):
        if node in needed:
            place[node] = first + len(kept)
            kept.append(Gate(gate.xor, moved(gate.a), moved(gate.b)))
    return Netlist(netlist.inputs, tuple(kept), tuple(map(moved, netlist.outputs)))
