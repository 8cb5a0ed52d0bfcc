"""Register bus and register file."""

from collections.abc import Mapping

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.registers import ADDRESS_WIDTH, Register

__all__ = ["READ_LATENCY", "WRITE_LATENCY", "CsrSignature", "RegisterFile"]

WRITE_LATENCY = 3
"""Cycles from a write until samples that come in then find it done."""

READ_LATENCY = 3
"""Cycles from an address to its register's value."""

BLOCK = 8  # registers that are chosen from at once, a power of two


class CsrSignature(wiring.Signature):
    """A 32-bit register bus, seen from its initiator.

    What is written while `write` is high has happened `WRITE_LATENCY` cycles later. `read_data` shows, `READ_LATENCY`
    cycles later, the register that `address` named; reading has no side effect, so there is no read strobe.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "address": Out(ADDRESS_WIDTH),
                "write_data": Out(32),
                "write": Out(1),
                "read_data": In(32),
            }
        )


class RegisterFile(wiring.Component):
    """Decodes the register bus.

    For each register that `stored` names there is an output `<name>` that holds it, and starts at the value given.
    Every other register has an input `<name>` that is read, and, where it is writable, an output `<name>_written`:
    high for one cycle, in which `value` is what was written. The bus is registered at the door.
    """

    def __init__(self, registers: Mapping[str, Register], stored: Mapping[str, int]) -> None:
        self._registers = dict(registers)
        self._stored = dict(stored)
        members = {"csr": In(CsrSignature()), "value": Out(32)}
        for register in registers.values():
            shape = signed(register.width) if register.signed else unsigned(register.width)
            if register.name in stored:
                members[register.name] = Out(shape, init=stored[register.name])
                continue
            members[register.name] = In(shape)
            if register.writable:
                members[f"{register.name}_written"] = Out(1)
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        address, write, value = Signal(ADDRESS_WIDTH), Signal(), Signal(32)
        m.d.sync += [
            address.eq(self.csr.address),
            write.eq(self.csr.write),
            value.eq(self.csr.write_data),
            self.value.eq(value),
        ]
        self._write(m, address, write)
        self._read(m, address)
        return m

    def _write(self, m, address, write):
        """Decode in one cycle, write in the next."""
        for register in self._registers.values():
            written = Signal(name=f"write_{register.name}")
            m.d.sync += written.eq(write & (address == register.address))
            if register.name in self._stored:
                with m.If(written):
                    m.d.sync += getattr(self, register.name).eq(self.value)
            elif register.writable:
                m.d.comb += getattr(self, f"{register.name}_written").eq(written)

    def _read(self, m, address):
        """Choose within every block of registers in one cycle, and among the blocks in the next."""
        late = Signal(ADDRESS_WIDTH)
        m.d.sync += late.eq(address)
        blocks: dict[int, list[Register]] = {}
        for register in self._registers.values():
            blocks.setdefault(register.address // BLOCK, []).append(register)
        chosen = {number: self._read_block(m, address % BLOCK, members) for number, members in blocks.items()}
        with m.Switch(late >> (BLOCK - 1).bit_length()):
            for number, value in chosen.items():
                with m.Case(number):
                    m.d.sync += self.csr.read_data.eq(value)
            with m.Default():
                m.d.sync += self.csr.read_data.eq(0)

    def _read_block(self, m, place, members):
        chosen = Signal(32, name=f"block_{members[0].address // BLOCK}")
        with m.Switch(place):
            for register in members:
                with m.Case(register.address % BLOCK):
                    m.d.sync += chosen.eq(getattr(self, register.name))
            with m.Default():
                m.d.sync += chosen.eq(0)
        return chosen
