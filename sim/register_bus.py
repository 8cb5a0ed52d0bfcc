"""The registers of a design by their names, on whichever bus they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from bephw.rtl_gen.buses.names import AXI4_LITE, NATIVE, WISHBONE
from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY
from bephw.rtl_gen.registers.map import Register, Status
from bephw.sim.axi4_lite import Axi4LiteManager
from bephw.sim.port_value import unsigned
from bephw.sim.streams import Cycles
from bephw.sim.wishbone import WishboneMaster

__all__ = ["RegisterBus"]

POLL_CYCLES = (2, 4, 8, 16, 32)  # longer and longer, so that neither short nor long waits cost much


class Initiator(Protocol):
    """Reads and writes at word addresses; says whether there is no such register."""

    async def write(self, address: int, value: int) -> bool: ...

    async def read(self, address: int) -> tuple[bool, int]: ...


class RegisterBus:
    """Registers by name, read and written over `bus`."""

    def __init__(self, dut: Any, cycles: Cycles, registers: Mapping[str, Register], bus: str = NATIVE) -> None:
        initiators: dict[str, Callable[[Any, Cycles], Initiator]] = {
            NATIVE: CsrInitiator,
            AXI4_LITE: Axi4LiteManager,
            WISHBONE: WishboneMaster,
        }
        self._initiator = initiators[bus](dut, cycles)
        self._cycles = cycles
        self._registers = registers

    async def write(self, name: str, value: int) -> None:
        """`value` is taken modulo 2^32, so signed values may be given as they are."""
        refused = await self._initiator.write(self._registers[name].address, value & 0xFFFF_FFFF)
        assert not refused, f"no register {name}, says the design"

    async def read(self, name: str) -> int:
        """The register's value, negative where it is signed and below zero."""
        register = self._registers[name]
        refused, value = await self._initiator.read(register.address)
        assert not refused, f"no register {name}, says the design"
        return value - 2**32 if register.signed and value >= 2**31 else value

    async def until_idle(self) -> None:
        """Until nothing is in flight and no state is being moved."""
        waits = iter(POLL_CYCLES)
        wait = next(waits)
        while await self.read("status") & (Status.BUSY | Status.TRANSFER):
            await self._cycles.pass_by(wait)
            wait = next(waits, wait)


class CsrInitiator:
    """Of the `csr` port; see `rtl_gen.registers.csr.CsrSignature` for the protocol, which knows of no errors."""

    def __init__(self, dut: Any, cycles: Cycles) -> None:
        self._address = dut.csr__address
        self._write_data = dut.csr__write_data
        self._write = dut.csr__write
        self._read_data = dut.csr__read_data
        self._cycles = cycles
        self._write.value = 0
        self._address.value = 0

    async def write(self, address: int, value: int) -> bool:
        self._address.value = address
        self._write_data.value = value
        self._write.value = 1
        await self._cycles.rising
        self._write.value = 0
        for _ in range(WRITE_LATENCY - 1):
            await self._cycles.rising
        return False

    async def read(self, address: int) -> tuple[bool, int]:
        self._address.value = address
        for _ in range(READ_LATENCY):
            await self._cycles.rising
        await self._cycles.falling
        value = unsigned(self._read_data)
        await self._cycles.rising
        return False, value
