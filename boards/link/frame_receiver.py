"""From the bytes of a serial line to those of frames."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.boards.link.protocol import ESCAPE, FCS, FLAG, INVERTED

__all__ = ["CHECKED_BITS", "FrameReceiver"]

CHECKED_BITS = 2
"""Bits of a byte that the check sequence takes a cycle: so many need no more logic than one, and 4 cycles."""


class FrameReceiver(wiring.Component):
    """Takes escapes out of frames, and checks them.

    A byte of a frame, its check sequence included, is on `byte` while `valid` is high: a cycle, the next one after it
    came. `ends` is high for a cycle when a flag has ended a frame of a byte or more; `good` says then whether the check
    sequence was right. The bytes that come in stay where they are for 6 cycles, as those of a serial line do.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "received": In(stream.Signature(8, always_ready=True)),
                "byte": Out(8),
                "valid": Out(1),
                "ends": Out(1),
                "good": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.check = check = ResetInserter(fresh := Signal())(FCS(data_width=CHECKED_BITS).create())
        byte, escaped, inverted, inside = self.received.payload, Signal(), Signal(), Signal()
        is_flag, is_escape = byte == FLAG, byte == ESCAPE
        left = Signal(range(8 // CHECKED_BITS + 1))  # parts of the byte that are still to be checked, and one more
        m.d.comb += [
            self.byte.eq(byte ^ Mux(inverted, INVERTED, 0)),
            self.ends.eq(self.received.valid & is_flag & inside),
            # An escaped flag is no byte: it breaks a frame off.
            self.good.eq(check.match_detected & ~escaped),
            fresh.eq(self.received.valid & is_flag),
            check.data.eq(self.byte.word_select((left - 1)[:2] ^ 3, CHECKED_BITS)),
            check.valid.eq(left != 0),
        ]
        m.d.sync += self.valid.eq(0)
        with m.If(left != 0):
            m.d.sync += left.eq(left - 1)
        with m.If(self.received.valid):
            m.d.sync += [escaped.eq(is_escape), inverted.eq(escaped)]
            with m.If(is_flag):
                m.d.sync += inside.eq(0)
            with m.Elif(~is_escape):
                m.d.sync += [inside.eq(1), self.valid.eq(1), left.eq(8 // CHECKED_BITS)]
        return m
