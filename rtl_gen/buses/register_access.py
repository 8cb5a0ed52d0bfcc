"""One access at a time to the trainer's registers, whichever bus it came by."""

from contextlib import contextmanager

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY, CsrSignature
from bephw.rtl_gen.registers.map import ADDRESS_WIDTH

__all__ = ["BYTES", "RegisterAccess"]

BYTES = 4
"""Of a register, and so of a word of the buses."""


class RegisterAccess(wiring.Component):
    """Reads or writes a register for a bus that waits for an answer, can write single bytes, and wants to hear of
    addresses that have no register: those from `registers` on.

    `request` is high, and `write`, `address`, `data` and `strobe` stay, until `done`, which is high for a cycle; in the
    next one `request` may mean another access. An access whose `request` falls before is abandoned: its write has
    happened or has not. With `done` come `read_data`, and `error`: there is no such register, nothing was written, and
    `read_data` is 0.

    What was written has taken effect with `done`. Bytes without their bit of `strobe` are written as they read.

    Latency from the first cycle of `request` to `done`, in cycles: `READ_LATENCY` for a read, `WRITE_LATENCY` for a
    write of all bytes, the sum of both for one of some; 1 for one that writes nothing.
    """

    def __init__(self, registers: int) -> None:
        self._registers = registers
        super().__init__(
            {
                "request": In(1),
                "write": In(1),
                "address": In(ADDRESS_WIDTH),
                "data": In(8 * BYTES),
                "strobe": In(BYTES),
                "done": Out(1),
                "error": Out(1),
                "read_data": Out(8 * BYTES),
                "csr": Out(CsrSignature()),
            }
        )

    def elaborate(self, platform):
        m = Module()
        cycle = Signal(range(max(READ_LATENCY, WRITE_LATENCY) + 1))  # of a read or a write, from its first one on
        whole = self.strobe.all()
        m.d.comb += [
            self.error.eq(self.address >= self._registers),
            self.read_data.eq(self.csr.read_data),
            self.csr.address.eq(self.address),
            self.csr.write_data.eq(self._merged()),
        ]
        m.d.sync += cycle.eq(cycle + 1)
        with m.FSM():
            with m.State("IDLE"), m.If(self.request):
                m.d.sync += cycle.eq(1)
                m.next = "READ"
                with m.If(self.write & whole):
                    self._write(m)
                with m.If(self.write & (self.error | ~self.strobe.any())):
                    m.next = "REFUSE"
            with self._wait(m, "READ", cycle == READ_LATENCY):
                with m.If(self.write):
                    m.d.sync += cycle.eq(1)
                    self._write(m)
                with m.Else():
                    self._answer(m)
            with self._wait(m, "WRITE", cycle == WRITE_LATENCY):
                self._answer(m)
            with self._wait(m, "REFUSE", C(1)):
                self._answer(m)
        return m

    @contextmanager
    def _wait(self, m, state, over):
        """A state in which nothing is done until `over`, or until nobody waits for it any more."""
        with m.State(state):
            with m.If(~self.request):
                m.next = "IDLE"
            with m.Elif(over):
                yield

    def _write(self, m):
        m.d.comb += self.csr.write.eq(~self.error)
        m.next = "WRITE"

    def _answer(self, m):
        m.d.comb += self.done.eq(1)
        m.next = "IDLE"

    def _merged(self) -> Value:
        """What is written: the bytes of `data` that are meant, the others as they read."""
        return Cat(
            Mux(self.strobe.all() | meant, new, old)
            for meant, new, old in zip(self.strobe, _bytes(self.data), _bytes(self.csr.read_data), strict=True)
        )


def _bytes(word: Value) -> list[Value]:
    return [word.word_select(index, 8) for index in range(BYTES)]
