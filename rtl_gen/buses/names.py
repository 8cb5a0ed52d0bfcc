"""What the ports of an emitted design are called, bus by bus: what hardware, benches and manifest share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["AXI4_LITE", "BUSES", "NATIVE", "WISHBONE", "Clocking", "bus_port", "clocking", "stream_port"]

NATIVE, WISHBONE, AXI4_LITE = BUSES = ("native", "wishbone", "axi4-lite")
"""What the registers are reached by. On all but `NATIVE`, streams are AXI4-Stream."""

STREAMS = {
    "samples": "s_axis_samples",
    "predictions": "m_axis_predictions",
    "load": "s_axis_load",
    "dump": "m_axis_dump",
}
AXI4_STREAM = {"valid": "tvalid", "ready": "tready", "payload": "tdata", "user": "tuser", "last": "tlast"}
WISHBONE_DATA = {"dat_w": "dat", "dat_r": "dat"}  # told apart by their directions


@dataclass(frozen=True)
class Clocking:
    """Ports of clock and reset, and the level at which the reset resets."""

    clock: str
    reset: str
    active: Literal["high", "low"]

    def reset_level(self, resets: bool) -> int:
        """What the port of the reset shows while it resets, or does not."""
        return int(resets == (self.active == "high"))


def clocking(bus: str) -> Clocking:
    """As ARM's specifications have them with AXI, and Vivado finds them by; else as Amaranth has them."""
    return Clocking("aclk", "aresetn", "low") if bus == AXI4_LITE else Clocking("clk", "rst", "high")


def stream_port(bus: str, stream: str, part: str) -> str:
    """Part `valid`, `ready` or `payload` of a stream, and of AXI4-Stream `user` and `last`."""
    if bus == NATIVE:
        return f"{stream}__{part}"
    return f"{STREAMS[stream]}_{AXI4_STREAM[part]}"


def bus_port(bus: str, part: str, *, enters: bool) -> str:
    """A part of the bus of the registers, by its name in the bus' signature; `enters`: it is an input."""
    if bus == NATIVE:
        return f"csr__{part}"
    if bus == AXI4_LITE:
        return f"s_axi_{part}"
    return f"wb_{WISHBONE_DATA.get(part, part)}_{'i' if enters else 'o'}"
