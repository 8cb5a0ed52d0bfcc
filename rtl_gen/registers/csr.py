"""Register bus and register file."""

from collections.abc import Mapping
from functools import reduce
from operator import or_

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.storage import family
from bephw.rtl_gen.registers.map import ADDRESS_WIDTH, Register

__all__ = ["READ_LATENCY", "WRITE_LATENCY", "CsrSignature", "RegisterFile"]

WRITE_LATENCY = 3
"""Rising edges from a write to its effect, the one that takes the write included."""

READ_LATENCY = 4
"""Rising edges from an address to its register's value on `read_data`, the one that takes the address included."""


class CsrSignature(wiring.Signature):
    """A 32-bit register bus, seen from its initiator. Nothing is ever held up.

    Write: `address` and `write_data` with `write` high for one rising edge. That edge counts as the first; the register
    changes at edge `WRITE_LATENCY`, and a sample word taken later finds it so. The next write may be taken 2 edges
    after this one, not at the very next.

    Read: `address` alone, there is no strobe, as reading changes nothing. The edge that takes the address counts as
    the first; after edge `READ_LATENCY`, `read_data` shows the register as it was just before edge `READ_LATENCY - 1`.
    Addresses may follow one another edge by edge, and their values then do. An address that is taken at the edge after
    a write's, or later, finds it done.
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
        address, write = Signal(ADDRESS_WIDTH, reset_less=True), Signal()
        m.d.sync += [address.eq(self.csr.address), write.eq(self.csr.write)]
        with m.If(self.csr.write):
            m.d.sync += self.value.eq(self.csr.write_data)
        named = {name: address == register.address for name, register in self._registers.items()}
        self._write(m, named, write)
        self._read(m, named, 1 if family(platform) == "ecp5" else 2)
        return m

    def _write(self, m, named, write):
        """Decode in one cycle, write in the next."""
        for register in self._registers.values():
            written = Signal(name=f"write_{register.name}")
            m.d.sync += written.eq(write & named[register.name])
            if register.name in self._stored:
                with m.If(written):
                    m.d.sync += getattr(self, register.name).eq(self.value)
            elif register.writable:
                m.d.comb += getattr(self, f"{register.name}_written").eq(written)

    def _read(self, m, named, at_once):
        """Decode; then keep what is meant, `at_once` registers of about one width together; then join all, of which one
        at most is not 0. One alone takes no table, as a flip-flop's own reset clears what is not meant; two take a
        table, but only one flip-flop."""
        shown = []
        widest_first = sorted(
            self._registers.values(), key=lambda register: -(32 if register.signed else register.width)
        )
        for number in range(0, len(widest_first), at_once):
            chosen, value = [], Signal(32, name=f"kept_{number // at_once}", reset_less=True)
            for register in widest_first[number : number + at_once]:
                meant = Signal(name=f"read_{register.name}")
                m.d.sync += meant.eq(named[register.name])
                chosen.append(Mux(meant, _extended(getattr(self, register.name)), 0))
            m.d.sync += value.eq(reduce(or_, chosen))
            shown.append(value)
        m.d.sync += self.csr.read_data.eq(reduce(or_, shown))


def _extended(value: Value) -> Value:
    """32 bits of a register: above its own come zeros, or copies of the sign."""
    return Cat(value, (value[-1] if value.shape().signed else C(0, 1)).replicate(32 - len(value)))
