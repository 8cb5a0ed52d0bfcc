"""A netlist as a pipeline."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.logic.pipeline import Pipeline

__all__ = ["PipelinedGates"]


class PipelinedGates(wiring.Component):
    """`outputs` are those of the netlist for the `inputs` of `pipeline.latency` cycles ago.

    Throughput: one vector a cycle; it never stops. `inputs` should come from registers.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        netlist = pipeline.netlist
        super().__init__({"inputs": In(netlist.inputs), "outputs": Out(len(netlist.outputs))})

    def elaborate(self, platform):
        m = Module()
        pipeline = self._pipeline
        literals = self._both(m, range(1, 1 + len(self.inputs)), self.inputs)
        for cycle in range(pipeline.latency):
            for level in pipeline.levels_of(cycle):
                self._compute(m, level, literals)
            literals = self._keep(m, cycle, literals)
        literals[0], literals[1] = C(0, 1), C(1, 1)
        m.d.comb += self.outputs.eq(Cat(literals[literal] for literal in pipeline.netlist.outputs))
        return m

    def _compute(self, m: Module, level: int, literals: dict[int, Value]) -> None:
        """Adds the literals of the gates of a level: all of a kind are one operation on vectors."""
        for xor in (False, True):
            gates = {node: gate for node, gate in self._pipeline.gates_of(level) if gate.xor == xor}
            if not gates:
                continue
            a = Cat(literals[gate.a] for gate in gates.values())
            b = Cat(literals[gate.b] for gate in gates.values())
            values = Signal(len(gates), name=f"{'xor' if xor else 'and'}_{level}")
            m.d.comb += values.eq(a ^ b if xor else a & b)
            literals |= self._both(m, gates, values)

    def _keep(self, m: Module, cycle: int, literals: dict[int, Value]) -> dict[int, Value]:
        """The literals of what the registers behind a cycle hold."""
        nodes = self._pipeline.kept(cycle)
        register = Signal(len(nodes), name=f"kept_{cycle}", reset_less=True)
        m.d.sync += register.eq(Cat(literals[2 * node] for node in nodes))
        return self._both(m, nodes, register)

    def _both(self, m: Module, nodes, values: Signal) -> dict[int, Value]:
        """Literals of `nodes`, whose values are the bits of a signal."""
        # A signal, as Amaranth would invert the whole vector anew for every bit that is taken from it.
        inverted = Signal.like(values, name=f"not_{values.name}")
        m.d.comb += inverted.eq(~values)
        found: dict[int, Value] = {}
        for place, node in enumerate(nodes):
            found[2 * node], found[2 * node + 1] = values[place], inverted[place]
        return found
