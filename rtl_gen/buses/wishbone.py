"""Wishbone B4: the bus, and registers on it."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.buses.register_access import BYTES, RegisterAccess
from bephw.rtl_gen.registers.csr import CsrSignature
from bephw.rtl_gen.registers.map import ADDRESS_WIDTH

__all__ = ["WishboneRegisters", "WishboneSignature"]


class WishboneSignature(wiring.Signature):
    """Wishbone B4 (revision B.4, 2010), 32 bits wide with bytes of 8, seen from the master; addresses count words.

    Classic cycles, single and block. `stall` makes it do for a pipelined master, too, as section 5.2.1 has it: it is
    high until the answer, so that such a master has one request under way at a time.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "cyc": Out(1),
                "stb": Out(1),
                "we": Out(1),
                "adr": Out(ADDRESS_WIDTH),
                "sel": Out(BYTES),
                "dat_w": Out(8 * BYTES),
                "dat_r": In(8 * BYTES),
                "ack": In(1),
                "err": In(1),
                "stall": In(1),
            }
        )


class WishboneRegisters(wiring.Component):
    """A Wishbone slave in front of a trainer's register bus of so many registers.

    Every access is answered, for a cycle: with `ack`, or where there is no such register with `err`. Latency is that of
    `RegisterAccess`; with a write's answer it has taken effect. A master that takes `stb` away before the answer gets
    none.
    """

    def __init__(self, registers: int) -> None:
        self._registers = registers
        super().__init__({"bus": In(WishboneSignature()), "csr": Out(CsrSignature())})

    def elaborate(self, platform):
        m = Module()
        m.submodules.access = access = RegisterAccess(self._registers)
        connect(m, access.csr, flipped(self.csr))
        bus = self.bus
        m.d.comb += [
            access.request.eq(bus.cyc & bus.stb),
            access.write.eq(bus.we),
            access.address.eq(bus.adr),
            access.data.eq(bus.dat_w),
            access.strobe.eq(bus.sel),
            bus.dat_r.eq(access.read_data),
            bus.ack.eq(access.done & ~access.error),
            bus.err.eq(access.done & access.error),
            bus.stall.eq(bus.cyc & ~access.done),
        ]
        return m
