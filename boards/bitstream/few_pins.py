"""A wide component on few pins, so that it can be placed and measured alone."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import io, wiring

__all__ = ["FewPins"]

REDUCTION = 4


class FewPins(Elaboratable):
    """A component with all its inputs from registers and all its outputs into registers, as if it stood in a design.

    A shift register feeds the inputs; the outputs are registered, then reduced to one bit, four to one a clock cycle.
    Takes the platform's resources `clk`, `rst`, `data_in` and `data_out`.
    """

    def __init__(self, component: wiring.Component) -> None:
        self._component = component
        ports = [(member.flow, Value.cast(value)) for _, member, value in component.signature.flatten(component)]
        self._inputs = Cat(value for flow, value in ports if flow == wiring.In)
        self._outputs = Cat(value for flow, value in ports if flow == wiring.Out)
        self._widths = []
        width = len(self._outputs)
        while width > 1:
            width = -(-width // REDUCTION)
            self._widths.append(width)

    @property
    def luts(self) -> int:
        """LUTs that are none of the component's."""
        return sum(self._widths)

    @property
    def ffs(self) -> int:
        """Flip-flops that are none of the component's."""
        return len(self._inputs) + len(self._outputs) + sum(self._widths) + 1

    def elaborate(self, platform):
        m = Module()
        m.domains += ClockDomain("sync")
        m.domains += ClockDomain("wrap", reset_less=True, local=True)
        pins = {name: platform.request(name, dir="-") for name in ("clk", "rst", "data_in", "data_out")}
        buffers = {name: io.Buffer("o" if name == "data_out" else "i", pin) for name, pin in pins.items()}
        m.submodules += buffers.values()
        m.d.comb += [ClockSignal().eq(buffers["clk"].i), ClockSignal("wrap").eq(buffers["clk"].i)]
        m.d.wrap += ResetSignal().eq(buffers["rst"].i)
        m.submodules.component = self._component

        if len(self._inputs):
            m.d.comb += self._inputs.eq(self._shifted(m, buffers["data_in"].i))
        if len(self._outputs):
            m.d.comb += buffers["data_out"].o.eq(self._reduced(m))
        return m

    def _shifted(self, m, pin):
        shifted = Signal(len(self._inputs))
        m.d.wrap += shifted.eq(Cat(pin, shifted))
        return shifted

    def _reduced(self, m):
        stage = Signal(len(self._outputs))
        m.d.wrap += stage.eq(self._outputs)
        for width in self._widths:
            reduced = Signal(width)
            for index in range(width):
                m.d.wrap += reduced[index].eq(stage[index * REDUCTION : (index + 1) * REDUCTION].xor())
            stage = reduced
        return stage
