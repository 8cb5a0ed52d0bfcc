"""A master of Wishbone, with single classic cycles."""

from __future__ import annotations

from typing import Any

from bephw.rtl_gen.buses.names import WISHBONE, bus_port
from bephw.rtl_gen.buses.register_access import BYTES
from bephw.sim.port_value import unsigned
from bephw.sim.streams import Cycles

__all__ = ["WishboneMaster"]


class WishboneMaster:
    """Drives the ports `wb_*`."""

    def __init__(self, dut: Any, cycles: Cycles) -> None:
        self._dut = dut
        self._cycles = cycles
        self._set("cyc", 0)
        self._set("stb", 0)
        self._set("sel", (1 << BYTES) - 1)

    async def write(self, address: int, value: int) -> bool:
        """The register at a word address becomes `value`; whether there is none. Returns when it has."""
        self._set("dat_w", value)
        refused, _ = await self._access(address, write=1)
        return refused

    async def read(self, address: int) -> tuple[bool, int]:
        """Whether there is no register at a word address, and what it holds."""
        return await self._access(address, write=0)

    async def _access(self, address: int, *, write: int) -> tuple[bool, int]:
        for part, value in (("adr", address), ("we", write), ("cyc", 1), ("stb", 1)):
            self._set(part, value)
        await self._cycles.falling
        while not (self._get("ack") or self._get("err")):
            await self._cycles.falling
        refused, data = bool(self._get("err")), self._get("dat_r")
        await self._cycles.rising
        self._set("cyc", 0)
        self._set("stb", 0)
        return refused, data

    def _set(self, part: str, value: int) -> None:
        getattr(self._dut, bus_port(WISHBONE, part, enters=True)).value = value

    def _get(self, part: str) -> int:
        return unsigned(getattr(self._dut, bus_port(WISHBONE, part, enters=False)))
