"""Serial port, 8 data bits, no parity, 1 stop bit."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from bephw.errors import BephwError

__all__ = ["Receiver", "Transmitter", "clocks_per_bit"]

LEAST_CLOCKS = 4  # below, the middle of a bit is too coarse
TOLERANCE = 0.02  # a frame of ten bits may drift by less than half a bit at both ends together


def clocks_per_bit(clock_mhz: float, baud: int) -> int:
    """Clock cycles in a bit. Raises `BephwError` where the clock is too slow, or more than 2 % off."""
    clocks = round(clock_mhz * 1e6 / baud)
    if clocks < LEAST_CLOCKS:
        fastest = int(clock_mhz * 1e6 / LEAST_CLOCKS)
        raise BephwError(f"board.baud must be at most {fastest} at a clock of {clock_mhz:g} MHz, not {baud}")
    actual = clock_mhz * 1e6 / clocks
    if abs(actual - baud) > TOLERANCE * baud:
        raise BephwError(
            f"board.baud must be a whole fraction of {clock_mhz:g} MHz within 2 %, not {baud}; nearest: {actual:.0f}"
        )
    return clocks


class Receiver(wiring.Component):
    """Bits on `line` to bytes on `bytes`.

    A byte is offered for one cycle, half a bit into its stop bit, whether or not it is taken: there is no way
    to hold a serial line. A frame whose stop bit is low is dropped.
    """

    def __init__(self, clocks: int) -> None:
        self._clocks = clocks
        super().__init__({"line": In(1, init=1), "bytes": Out(stream.Signature(8, always_ready=True))})

    def elaborate(self, platform):
        m = Module()
        line = Signal(init=1)
        m.submodules.synchronizer = FFSynchronizer(self.line, line, init=1)
        wait = Signal(range(self._clocks + self._clocks // 2))
        left = Signal(range(10))
        broken = Signal()
        due = wait == 0
        m.d.sync += self.bytes.valid.eq(0)
        with m.If(line):
            m.d.sync += broken.eq(0)
        with m.If(left == 0), m.If(~line & ~broken):
            # Start bit: the first look at data is one and a half bits later.
            m.d.sync += [left.eq(9), wait.eq(self._clocks + self._clocks // 2 - 1)]
        with m.Elif(~due):
            m.d.sync += wait.eq(wait - 1)
        with m.Elif(left == 1):
            # After a low stop bit nothing starts until the line has been idle.
            m.d.sync += [self.bytes.valid.eq(line), left.eq(0), broken.eq(~line)]
        with m.Else():
            m.d.sync += [
                self.bytes.payload.eq(Cat(self.bytes.payload[1:], line)),
                left.eq(left - 1),
                wait.eq(self._clocks - 1),
            ]
        return m


class Transmitter(wiring.Component):
    """Bytes on `bytes` to bits on `line`, which is high when idle. Ten bits a byte, without gaps while bytes wait."""

    def __init__(self, clocks: int) -> None:
        self._clocks = clocks
        super().__init__({"bytes": In(stream.Signature(8)), "line": Out(1, init=1)})

    def elaborate(self, platform):
        m = Module()
        frame = Signal(10, init=0x3FF)
        wait = Signal(range(self._clocks))
        left = Signal(range(11))
        bit_ends = wait == 0
        m.d.comb += [self.line.eq(frame[0]), self.bytes.ready.eq(bit_ends & (left <= 1))]
        with m.If(~bit_ends):
            m.d.sync += wait.eq(wait - 1)
        with m.Elif(self.bytes.valid & self.bytes.ready):
            m.d.sync += [frame.eq(Cat(Const(0, 1), self.bytes.payload, Const(1, 1))), left.eq(10)]
            m.d.sync += wait.eq(self._clocks - 1)
        with m.Elif(left > 0):
            m.d.sync += [frame.eq(Cat(frame[1:], Const(1, 1))), left.eq(left - 1)]
            m.d.sync += wait.eq(Mux(left > 1, self._clocks - 1, 0))
        return m
