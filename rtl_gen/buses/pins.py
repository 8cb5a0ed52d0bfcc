"""Ports under the names that other tools know their buses by."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from bephw.rtl_gen.buses.names import AXI4_STREAM, bus_port, clocking, stream_port

__all__ = ["Pins"]

STREAM_PARTS = {name: part for part, name in AXI4_STREAM.items()}


class Pins(wiring.Component):
    """`component`, a `BusTrainer` or `StreamInference`, with ports side by side under the names of `names.py`, clock
    and reset among them."""

    def __init__(self, component: wiring.Component, bus: str) -> None:
        self._component = component
        self._clocking = clocking(bus)
        self._named = {
            _name(bus, path, member): (member, value) for path, member, value in component.signature.flatten(component)
        }
        super().__init__(
            {
                self._clocking.clock: In(1),
                self._clocking.reset: In(1),
                **{name: member for name, (member, _) in self._named.items()},
            }
        )

    @property
    def names(self) -> list[str]:
        """Of all ports, in the order in which they are to be shown."""
        return list(self.signature.members)

    def elaborate(self, platform):
        m = Module()
        m.domains.sync = ClockDomain(local=True)
        clock, reset = getattr(self, self._clocking.clock), getattr(self, self._clocking.reset)
        m.d.comb += [
            ClockSignal().eq(clock),
            ResetSignal().eq(reset == self._clocking.reset_level(True)),
        ]
        m.submodules.component = self._component
        for name, (member, value) in self._named.items():
            port = getattr(self, name)
            m.d.comb += value.eq(port) if member.flow == In else port.eq(value)
        return m


def _name(bus: str, path: tuple[str, ...], member: wiring.Member) -> str:
    interface, *parts = path
    if not parts:  # `steps` of inference
        return interface
    if interface == "bus":
        return bus_port(bus, *parts, enters=member.flow == In)
    return stream_port(bus, interface, STREAM_PARTS[parts[0]])
