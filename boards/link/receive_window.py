"""The stream of commands: frames become bytes, each once and in order."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.boards.link.protocol import FCS_BYTES, POSITIONS, RESTART
from bephw.rtl_gen.parts.storage import block_memory

__all__ = ["ReceiveWindow"]


class ReceiveWindow(wiring.Component):
    """Keeps what frames bring in a memory of `size` bytes (a power of two), and gives it out byte by byte.

    The bytes of a frame lie behind those that are accepted, and become so at its end, if it is `good`, and begins at
    the position to which all has been accepted. A frame that does not fit is dropped, and sets `overflow`. Until
    `opened`, only a frame that restarts is accepted; that makes `restart` high for a cycle, which is to reset
    everything. Positions alone go on over a reset: so no frame can be accepted twice. What is still in the memory after
    it is thrown away; then it is `opened`.

    With `registered` the memory's data go through a register: block RAM is slow to read. A byte then comes 3 cycles
    after the one before it was taken, else it may be the next cycle.

    Attributes:
        accepted: position to which all bytes have been accepted.
        consumed: position to which they have been given out, modulo twice the size.
    """

    def __init__(self, size: int, *, registered: bool = False) -> None:
        self._size = size
        self._registered = registered
        super().__init__(
            {
                "byte": In(8),
                "valid": In(1),
                "ends": In(1),
                "good": In(1),
                "bytes": Out(stream.Signature(8)),
                "accepted": Out(range(POSITIONS)),
                "consumed": Out(range(2 * size)),
                "opened": Out(1),
                "overflow": Out(1),
                "restart": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.storage = storage = block_memory(8, self._size)
        accepted = Signal(range(POSITIONS), reset_less=True)
        consumed = Signal(range(2 * self._size), reset_less=True)
        begun, emptying = Signal(), Signal(init=1)
        m.d.comb += [self.accepted.eq(accepted), self.consumed.eq(consumed), self.opened.eq(begun & ~emptying)]
        self._receive(m, storage.write_port(), accepted, consumed, begun)
        self._give_out(m, storage.read_port(), accepted, consumed, emptying)
        return m

    def _receive(self, m, write, accepted, consumed, begun):
        """Position first, then bytes; the last of them are the check sequence."""
        length = Signal(range(2 * self._size))
        expected, restarts = Signal(init=1), Signal()
        there = Signal(range(POSITIONS))
        full = there[: len(consumed)] == consumed ^ self._size
        restart, restarted = Signal(reset_less=True), Signal(reset_less=True)
        m.d.comb += [
            there.eq(accepted + length),
            write.addr.eq(there),
            write.data.eq(self.byte),
            self.restart.eq(restart),
        ]
        low, body = Signal(), Signal()
        with m.If(self.valid):
            with m.If(body):
                m.d.comb += write.en.eq(~full)
                m.d.sync += length.eq(length + ~full)
                with m.If(full):
                    m.d.sync += [expected.eq(0), self.overflow.eq(1)]
            with m.Elif(low):
                m.d.sync += body.eq(1)
                with m.If(self.byte != accepted[:8]):
                    m.d.sync += expected.eq(0)
            with m.Else():
                m.d.sync += [low.eq(1), restarts.eq(self.byte[-1]), expected.eq(self.byte[:-1] == accepted[8:])]
        accept = Signal()
        whole = length[(FCS_BYTES - 1).bit_length() :].any()  # chance may bring a check sequence, and nothing before it
        m.d.comb += accept.eq(self.ends & self.good & expected & whole & (restarts | self.opened))
        with m.If(accept):
            m.d.sync += accepted.eq(there - FCS_BYTES)
        with m.If(self.ends):
            m.d.sync += [length.eq(0), low.eq(0), body.eq(0)]
        m.d.sync += [restart.eq(accept & restarts), restarted.eq(restart)]
        with m.If(restarted):
            m.d.sync += begun.eq(1)

    def _give_out(self, m, read, accepted, consumed, emptying):
        fetch, valid, waiting = Signal(), Signal(), consumed != accepted[: len(consumed)]
        m.d.comb += [read.addr.eq(consumed), read.en.eq(fetch), self.bytes.valid.eq(valid & ~emptying)]
        with m.If(fetch):
            m.d.sync += consumed.eq(consumed + 1)
        if self._registered:
            reading, byte = Signal(), Signal(8, reset_less=True)
            m.d.comb += [fetch.eq(waiting & ~reading & (~valid | emptying)), self.bytes.payload.eq(byte)]
            m.d.sync += reading.eq(fetch)
            with m.If(reading):
                m.d.sync += [byte.eq(read.data), valid.eq(1)]
        else:
            reading = fetch
            m.d.comb += [
                fetch.eq(waiting & (~valid | self.bytes.ready | emptying)),
                self.bytes.payload.eq(read.data),
            ]
            with m.If(fetch):
                m.d.sync += valid.eq(1)
        with m.If(~reading & self.bytes.ready):
            m.d.sync += valid.eq(0)
        with m.If(emptying):
            m.d.sync += [valid.eq(0), emptying.eq(waiting | reading)]


assert RESTART == POSITIONS, "the bit above a position"
