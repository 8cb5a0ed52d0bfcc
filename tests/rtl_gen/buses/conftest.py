"""Registers behind a bus, and what they are to do, in plain Python."""

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.registers.csr import RegisterFile
from bephw.rtl_gen.registers.map import Register

REGISTERS = {
    register.name: register
    for register in (
        Register("fixed", 0, 32, False, False, "read only"),
        Register("level", 1, 12, True, True, "stored, signed"),
        Register("count", 2, 32, True, False, "stored"),
        Register("strobe", 3, 17, True, False, "acts when it is written, reads as 0"),
        Register("small", 4, 3, True, False, "stored"),
    )
}
STORED = {"level": -3, "count": 0x11223344, "small": 5}
FIXED = 0xCAFEF00D


class Device(wiring.Component):
    """A bridge, made for so many registers, and a register file behind it; `acted` with what is written to `strobe`."""

    def __init__(self, bridge, bus=None):
        self.bridge = bridge(len(REGISTERS))
        self._bus = bus
        super().__init__({"acted": Out(1), "value": Out(32), **({} if bus is None else {"bus": In(bus())})})

    def elaborate(self, platform):
        m = Module()
        m.submodules.bridge = bridge = self.bridge
        m.submodules.registers = registers = RegisterFile(REGISTERS, STORED)
        connect(m, bridge.csr, registers.csr)
        if self._bus is not None:
            connect(m, flipped(self.bus), bridge.bus)
        m.d.comb += [
            registers.fixed.eq(FIXED),
            self.acted.eq(registers.strobe_written),
            self.value.eq(registers.value[:17]),
        ]
        return m


class Plain:
    """The same: `read` gives (error, value), `write` the error; `acts` lists what was written to `strobe`."""

    def __init__(self):
        self.values = {name: STORED.get(name, 0) for name in REGISTERS} | {"fixed": FIXED}
        self.acts = []

    def read(self, address):
        register = self._at(address)
        return (True, 0) if register is None else (False, self.values[register.name] % 2**32)

    def write(self, address, data, strobe=0b1111):
        register = self._at(address)
        if register is None:
            return True
        if strobe and register.writable:
            _, old = self.read(address)
            mask = sum(0xFF << 8 * byte for byte in range(4) if strobe >> byte & 1)
            value = (old & ~mask | data & mask) % 2**register.width
            if register.name == "strobe":
                self.acts.append(value)
            else:
                negative = register.signed and value >> register.width - 1
                self.values[register.name] = value - (2**register.width if negative else 0)
        return False

    @staticmethod
    def _at(address):
        return next((register for register in REGISTERS.values() if register.address == address), None)


@pytest.fixture
def device():
    """`device(bridge, bus signature)`."""
    return Device


@pytest.fixture
def plain_registers():
    return Plain()


@pytest.fixture
def accesses():
    """`accesses(random, count)`: (write, word address, data, strobe), mostly of registers that exist."""

    def draw(random, count):
        for _ in range(count):
            address = random.choice([*range(len(REGISTERS))] * 3 + [5, 6, 0x805, 0xFFF])
            strobe = random.choice([15, 15, random.randrange(16)])
            yield random.random() < 0.5, address, random.getrandbits(32), strobe

    return draw
