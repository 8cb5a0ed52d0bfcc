"""Ports under the names that other tools know their buses by."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In

__all__ = ["Pins"]

STREAMS = {
    "samples": "s_axis_samples",
    "predictions": "m_axis_predictions",
    "load": "s_axis_load",
    "dump": "m_axis_dump",
}
WISHBONE_DATA = {"dat_w": "dat", "dat_r": "dat"}  # told apart by their directions


class Pins(wiring.Component):
    """`component`, a `BusTrainer` or `StreamInference`, with ports of a module of its own, side by side.

    Of AXI4-Lite `s_axi_awaddr` and so on, of Wishbone `wb_adr_i` and so on, of the streams `s_axis_samples_tdata` and
    so on. With `arm` the clock is `aclk` and the reset `aresetn`, active low, as ARM's specifications have them and
    Vivado finds them by; else they are those of domain `sync`, `clk` and `rst`.
    """

    def __init__(self, component: wiring.Component, *, arm: bool) -> None:
        self._component = component
        self._arm = arm
        self._named = {
            _name(path, member, arm=arm): (member, value)
            for path, member, value in component.signature.flatten(component)
        }
        ports = {name: member for name, (member, _) in self._named.items()}
        super().__init__({"aclk": In(1), "aresetn": In(1), **ports} if arm else ports)

    @property
    def names(self) -> list[str]:
        """Of all ports, clock and reset first."""
        return [*(() if self._arm else ("clk", "rst")), *self.signature.members]

    def elaborate(self, platform):
        m = Module()
        if self._arm:
            m.domains.sync = ClockDomain(local=True)
            m.d.comb += [ClockSignal().eq(self.aclk), ResetSignal().eq(~self.aresetn)]
        m.submodules.component = self._component
        for name, (member, value) in self._named.items():
            port = getattr(self, name)
            m.d.comb += value.eq(port) if member.flow == In else port.eq(value)
        return m


def _name(path: tuple[str, ...], member: wiring.Member, *, arm: bool) -> str:
    interface, *parts = path
    if interface != "bus":
        return "_".join((STREAMS.get(interface, interface), *parts))
    (part,) = parts
    if arm:
        return f"s_axi_{part}"
    return f"wb_{WISHBONE_DATA.get(part, part)}_{'i' if member.flow == In else 'o'}"
