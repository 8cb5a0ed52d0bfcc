"""Register bus and register file."""

from collections.abc import Mapping

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.registers import ADDRESS_WIDTH, Register

__all__ = ["CsrSignature", "RegisterFile"]


class CsrSignature(wiring.Signature):
    """A 32-bit register bus, seen from its initiator.

    A write happens in the cycle in which `write` is high. `read_data` shows, one cycle later, the register that
    `address` named; reading has no side effect, so there is no read strobe.
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
    high for one cycle, in which `csr.write_data` is the value.
    """

    def __init__(self, registers: Mapping[str, Register], stored: Mapping[str, int]) -> None:
        self._registers = dict(registers)
        self._stored = dict(stored)
        members = {"csr": In(CsrSignature())}
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
        for register in self._registers.values():
            chosen = self.csr.address == register.address
            if register.name in self._stored:
                with m.If(chosen & self.csr.write):
                    m.d.sync += getattr(self, register.name).eq(self.csr.write_data)
            elif register.writable:
                m.d.comb += getattr(self, f"{register.name}_written").eq(chosen & self.csr.write)
        with m.Switch(self.csr.address):
            for register in self._registers.values():
                with m.Case(register.address):
                    m.d.sync += self.csr.read_data.eq(getattr(self, register.name))
            with m.Default():
                m.d.sync += self.csr.read_data.eq(0)
        return m
