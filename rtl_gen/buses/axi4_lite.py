"""AXI4-Lite: the bus, and registers on it."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.buses.register_access import BYTES, RegisterAccess
from bephw.rtl_gen.registers.csr import CsrSignature
from bephw.rtl_gen.registers.map import ADDRESS_WIDTH

__all__ = ["BYTE_ADDRESS_WIDTH", "Axi4LiteRegisters", "Axi4LiteSignature", "Response"]

BYTE_ADDRESS_WIDTH = ADDRESS_WIDTH + (BYTES - 1).bit_length()
"""Bits of an address that counts bytes."""


class Response:
    """Values of `bresp` and `rresp`."""

    OKAY = 0b00
    SLVERR = 0b10


class Axi4LiteSignature(wiring.Signature):
    """AXI4-Lite (ARM IHI 0022), 32 bits wide, seen from the manager; names are the specification's."""

    def __init__(self) -> None:
        super().__init__(
            {
                "awaddr": Out(BYTE_ADDRESS_WIDTH),
                "awprot": Out(3),
                "awvalid": Out(1),
                "awready": In(1),
                "wdata": Out(8 * BYTES),
                "wstrb": Out(BYTES),
                "wvalid": Out(1),
                "wready": In(1),
                "bresp": In(2),
                "bvalid": In(1),
                "bready": Out(1),
                "araddr": Out(BYTE_ADDRESS_WIDTH),
                "arprot": Out(3),
                "arvalid": Out(1),
                "arready": In(1),
                "rdata": In(8 * BYTES),
                "rresp": In(2),
                "rvalid": In(1),
                "rready": Out(1),
            }
        )


class Axi4LiteRegisters(wiring.Component):
    """An AXI4-Lite subordinate in front of a trainer's register bus of so many registers.

    Each channel waits for no other: an address and its data may come in any order, a write and a read at once. One
    access is under way at a time; where a write and a read wait, they take turns. An address without a register is
    answered with SLVERR, all others with OKAY; bits 1-0 of an address, and `awprot` and `arprot`, mean nothing here.

    With a write's answer it has taken effect. Latency, in cycles: that of `RegisterAccess`, and 3 more, from the cycle
    in which the last of address and data is taken to the first one of `bvalid` or `rvalid`, where no other access is
    under way. Throughput: an access in as many cycles, where its answer is taken at once.
    """

    def __init__(self, registers: int) -> None:
        self._registers = registers
        super().__init__({"bus": In(Axi4LiteSignature()), "csr": Out(CsrSignature())})

    def elaborate(self, platform):
        m = Module()
        m.submodules.access = access = RegisterAccess(self._registers)
        connect(m, access.csr, flipped(self.csr))
        bus = self.bus
        written, read = Signal(), Signal()  # the access is answered
        write_asked, write_address = self._take(m, bus.awvalid, bus.awready, bus.awaddr, written)
        data_asked, data = self._take(m, bus.wvalid, bus.wready, Cat(bus.wdata, bus.wstrb), written)
        read_asked, read_address = self._take(m, bus.arvalid, bus.arready, bus.araddr, read)
        write_waits = write_asked & data_asked & ~bus.bvalid
        read_waits = read_asked & ~bus.rvalid
        writing = self._take_turns(m, access, write_waits, read_waits)
        m.d.comb += [
            access.write.eq(writing),
            access.address.eq(Mux(writing, write_address, read_address)[-ADDRESS_WIDTH:]),
            Cat(access.data, access.strobe).eq(data),
            written.eq(access.done & writing),
            read.eq(access.done & ~writing),
        ]
        self._answer(m, access, written, bus.bvalid, bus.bready, bus.bresp)
        self._answer(m, access, read, bus.rvalid, bus.rready, bus.rresp)
        with m.If(read):
            m.d.sync += bus.rdata.eq(access.read_data)
        return m

    def _take(self, m, valid, ready, payload, used):
        """Keeps what a channel brings until it is `used`; whether there is something, and what."""
        here, kept = Signal(), Signal(len(payload), reset_less=True)
        m.d.comb += ready.eq(~here)
        with m.If(used):
            m.d.sync += here.eq(0)
        with m.If(valid & ready):
            m.d.sync += [here.eq(1), kept.eq(payload)]
        return here, kept

    def _take_turns(self, m, access, write_waits, read_waits):
        """Begins an access where one waits; whether it is a write: not, if the last one was and a read waits too."""
        writing = Signal()
        with m.FSM():
            with m.State("CHOOSE"), m.If(write_waits | read_waits):
                m.d.sync += writing.eq(write_waits & ~(read_waits & writing))
                m.next = "ACCESS"
            with m.State("ACCESS"):
                m.d.comb += access.request.eq(1)
                with m.If(access.done):
                    m.next = "CHOOSE"
        return writing

    def _answer(self, m, access, done, valid, ready, response):
        with m.If(valid & ready):
            m.d.sync += valid.eq(0)
        with m.If(done):
            m.d.sync += [valid.eq(1), response.eq(Mux(access.error, Response.SLVERR, Response.OKAY))]
