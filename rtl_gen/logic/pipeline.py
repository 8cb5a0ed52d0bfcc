"""Which gates of a netlist compute in which cycle, and what registers hold between cycles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bephw.rtl_gen.logic.netlist import Gate, Netlist
from bephw.shape import ceil_div

__all__ = ["Pipeline"]


@dataclass(frozen=True)
class Pipeline:
    """A netlist with registers behind every `span` levels of gates, and behind the outputs.

    A gate of level l (from 1) computes in cycle (l - 1) div `span`, in which the inputs, of level 0, are those of cycle
    0.
    """

    netlist: Netlist
    span: int

    @property
    def latency(self) -> int:
        """Cycles from inputs to outputs; 0 where outputs are inputs or constants."""
        return ceil_div(self.netlist.depth, self.span)

    def gates_of(self, level: int) -> list[tuple[int, Gate]]:
        """The gates of a level with their nodes."""
        return self._by_level[level]

    def levels_of(self, cycle: int) -> range:
        """Levels whose gates compute in a cycle."""
        return range(1 + cycle * self.span, 1 + min((cycle + 1) * self.span, self.netlist.depth))

    def kept(self, cycle: int) -> list[int]:
        """Nodes whose values the registers behind a cycle hold, in order."""
        return [node for node, last in enumerate(self._last_cycle) if node and self._cycle(node) <= cycle < last]

    def _cycle(self, node: int) -> int:
        return max(0, (self.netlist.levels[node] - 1) // self.span)

    @cached_property
    def _last_cycle(self) -> list[int]:
        """The last cycle in which each node's value is read; outputs are, after all."""
        netlist = self.netlist
        last = [0] * (netlist.first_gate + len(netlist.gates))
        for node, gate in enumerate(netlist.gates, netlist.first_gate):
            for literal in (gate.a, gate.b):
                last[literal >> 1] = max(last[literal >> 1], self._cycle(node))
        for literal in netlist.outputs:
            last[literal >> 1] = self.latency
        return last

    @cached_property
    def _by_level(self) -> list[list[tuple[int, Gate]]]:
        found: list[list[tuple[int, Gate]]] = [[] for _ in range(self.netlist.depth + 1)]
        for node, gate in enumerate(self.netlist.gates, self.netlist.first_gate):
            found[self.netlist.levels[node]].append((node, gate))
        return found
