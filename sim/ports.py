"""A design's ports in a simulator, whatever they are called on its bus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bephw.rtl_gen.buses.names import NATIVE, clocking, stream_port
from bephw.sim.port_value import unsigned

__all__ = ["Payload", "Reset", "StreamPorts", "clock_of", "stream_ports"]


class Payload:
    """Ports that carry a payload side by side, the first one its lowest bits; with the bits that count of each."""

    def __init__(self, parts: Sequence[tuple[Any, int]]) -> None:
        self._parts = tuple(parts)

    def set(self, value: int) -> None:
        for port, width in self._parts:
            port.value = value & ((1 << width) - 1)
            value >>= width

    def get(self) -> int:
        value, low = 0, 0
        for port, width in self._parts:
            value |= (unsigned(port) & ((1 << width) - 1)) << low
            low += width
        return value


@dataclass(frozen=True)
class StreamPorts:
    """Of a stream with valid and ready."""

    valid: Any
    ready: Any
    payload: Payload


def stream_ports(dut: Any, bus: str, stream: str, data: int, user: int = 0) -> StreamPorts:
    """Those of stream `samples`, `predictions`, `load` or `dump`; `data` and, above them, `user` bits of its payload,
    which AXI4-Stream has in TDATA and TUSER."""

    def port(part: str) -> Any:
        return getattr(dut, stream_port(bus, stream, part))

    if bus == NATIVE:
        parts = [(port("payload"), data + user)]
    else:
        parts = [(port("payload"), data), *([(port("user"), user)] if user else [])]
    return StreamPorts(port("valid"), port("ready"), Payload(parts))


def clock_of(dut: Any, bus: str) -> Any:
    """The port of the clock."""
    return getattr(dut, clocking(bus).clock)


class Reset:
    """The port of the reset, at first not resetting."""

    def __init__(self, dut: Any, bus: str) -> None:
        self._pins = clocking(bus)
        self._port = getattr(dut, self._pins.reset)
        self.set(False)

    def set(self, resets: bool) -> None:
        self._port.value = self._pins.reset_level(resets)
