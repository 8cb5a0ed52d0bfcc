"""The register bus, by register name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY
from bephw.rtl_gen.registers.map import Register, Status
from bephw.sim.port_value import unsigned
from bephw.sim.streams import Cycles

__all__ = ["RegisterBus"]

POLL_CYCLES = (2, 4, 8, 16, 32)  # longer and longer, so that neither short nor long waits cost much


class RegisterBus:
    """Initiator of the `csr` port; see `rtl_gen.csr.CsrSignature` for the protocol."""

    def __init__(self, dut: Any, cycles: Cycles, registers: Mapping[str, Register]) -> None:
        self._address = dut.csr__address
        self._write_data = dut.csr__write_data
        self._write = dut.csr__write
        self._read_data = dut.csr__read_data
        self._cycles = cycles
        self._registers = registers
        self._write.value = 0
        self._address.value = 0

    async def write(self, name: str, value: int) -> None:
        """`value` is taken modulo 2^32, so signed values may be given as they are."""
        self._address.value = self._registers[name].address
        self._write_data.value = value & 0xFFFF_FFFF
        self._write.value = 1
        await self._cycles.rising
        self._write.value = 0
        for _ in range(WRITE_LATENCY - 1):
            await self._cycles.rising

    async def read(self, name: str) -> int:
        """The register's value, negative where it is signed and below zero."""
        register = self._registers[name]
        self._address.value = register.address
        for _ in range(READ_LATENCY):
            await self._cycles.rising
        await self._cycles.falling
        value = unsigned(self._read_data)
        await self._cycles.rising
        return value - 2**32 if register.signed and value >= 2**31 else value

    async def until_idle(self) -> None:
        """Until nothing is in flight and no state is being moved."""
        waits = iter(POLL_CYCLES)
        wait = next(waits)
        while await self.read("status") & (Status.BUSY | Status.TRANSFER):
            await self._cycles.pass_by(wait)
            wait = next(waits, wait)
