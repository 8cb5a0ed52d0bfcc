"""A manager of AXI4-Lite, one access at a time."""

from __future__ import annotations

from typing import Any

from bephw.rtl_gen.buses.names import AXI4_LITE, bus_port
from bephw.rtl_gen.buses.register_access import BYTES
from bephw.sim.port_value import unsigned
from bephw.sim.streams import Cycles

__all__ = ["Axi4LiteManager"]


class Axi4LiteManager:
    """Drives the ports `s_axi_*`."""

    def __init__(self, dut: Any, cycles: Cycles) -> None:
        self._dut = dut
        self._cycles = cycles
        for valid in ("awvalid", "wvalid", "bready", "arvalid", "rready"):
            self._set(valid, 0)
        self._set("wstrb", (1 << BYTES) - 1)

    async def write(self, address: int, value: int) -> bool:
        """The register at a word address becomes `value`; whether there is none. Returns when it has."""
        self._set("awaddr", BYTES * address)
        self._set("wdata", value)
        await self._hand_over("awvalid", "awready", "wvalid", "wready")
        return await self._answer("bvalid", "bready", "bresp") != 0

    async def read(self, address: int) -> tuple[bool, int]:
        """Whether there is no register at a word address, and what it holds."""
        self._set("araddr", BYTES * address)
        await self._hand_over("arvalid", "arready")
        refused = await self._answer("rvalid", "rready", "rresp") != 0
        return refused, self._data

    async def _hand_over(self, *handshakes: str) -> None:
        """Keeps each valid of (valid, ready, ..) high until its ready was."""
        waiting = dict(zip(handshakes[::2], handshakes[1::2], strict=True))
        for valid in waiting:
            self._set(valid, 1)
        while waiting:
            await self._cycles.falling
            taken = [valid for valid, ready in waiting.items() if self._get(ready)]
            await self._cycles.rising
            for valid in taken:
                self._set(valid, 0)
                del waiting[valid]

    async def _answer(self, valid: str, ready: str, response: str) -> int:
        self._set(ready, 1)
        await self._cycles.falling
        while not self._get(valid):
            await self._cycles.falling
        answer, self._data = self._get(response), self._get("rdata")
        await self._cycles.rising
        self._set(ready, 0)
        return answer

    def _set(self, part: str, value: int) -> None:
        getattr(self._dut, bus_port(AXI4_LITE, part, enters=True)).value = value

    def _get(self, part: str) -> int:
        return unsigned(getattr(self._dut, bus_port(AXI4_LITE, part, enters=False)))
