"""From replies and the state of the link to the bytes of a serial line."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.boards.link.frame_receiver import CHECKED_BITS
from bephw.boards.link.protocol import BLOCK, ESCAPE, FCS, FCS_BYTES, FLAG, INVERTED, STATUS_BYTES

__all__ = ["FrameSender"]

PARTS = 8 // CHECKED_BITS


class FrameSender(wiring.Component):
    """Sends a frame when one is `due`, or when a byte of the replies is `waiting`.

    A frame has `accepted`, `consumed` and `position`, each of one moment, two bytes each, the highest first; then
    replies, until none is waiting or a block is full; then the check sequence. `began` is high for a cycle when one
    begins: it says all that has come before. While `idle`, the position of the replies may be changed; `advance` asks
    for the reply at the next one, which is there 3 cycles later.

    On `bytes`, a byte of a frame comes 5 cycles after the one before it was taken, or later.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "due": In(1),
                "began": Out(1),
                "idle": Out(1),
                "accepted": In(16),
                "consumed": In(16),
                "position": In(16),
                "waiting": In(1),
                "reply": In(8),
                "advance": Out(1),
                "bytes": Out(stream.Signature(8)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.check = check = ResetInserter(self.began)(FCS(data_width=CHECKED_BITS).create())
        number, field, count = Signal(16), Signal(range(STATUS_BYTES)), Signal(range(FCS_BYTES))
        byte, flag, fcs = Signal(8), Signal(), Signal()
        sent = self._send(m, check, byte, flag, fcs)
        with m.FSM() as states:
            with m.State("IDLE"):
                m.d.comb += [self.idle.eq(1), self.began.eq(self.due | self.waiting)]
                with m.If(self.began):
                    m.next = "OPEN"
            with m.State("OPEN"):
                m.d.comb += flag.eq(1)
                with m.If(sent):
                    m.d.sync += [number.eq(self.accepted), field.eq(0)]
                    m.next = "STATUS"
            with m.State("STATUS"), m.If(sent):
                m.d.sync += [number.eq(number << 8), field.eq(field + 1)]
                for last, following in ((1, self.consumed), (3, self.position)):
                    with m.If(field == last):
                        m.d.sync += number.eq(following)
                with m.If(field == STATUS_BYTES - 1):
                    m.next = "REPLIES"
                    with m.If(~self.waiting):
                        m.next = "FCS"
            with m.State("REPLIES"), m.If(sent):
                m.d.comb += self.advance.eq(1)
                m.next = "MORE"
            with m.State("MORE"):
                m.next = "REPLIES"
                with m.If(~self.waiting | (self.position[: (BLOCK - 1).bit_length()] == 0)):
                    m.next = "FCS"
            with m.State("FCS"), m.If(sent):
                m.d.sync += count.eq(count + 1)
                with m.If(count == FCS_BYTES - 1):
                    m.next = "CLOSE"
            with m.State("CLOSE"):
                m.d.comb += flag.eq(1)
                with m.If(sent):
                    m.next = "IDLE"
        m.d.comb += [
            fcs.eq(states.ongoing("FCS")),
            byte.eq(Mux(fcs, check.crc[:8], Mux(states.ongoing("REPLIES"), self.reply, number[8:]))),
        ]
        return m

    def _send(self, m, check, byte, flag, fcs):
        """A byte, or a flag, to the line, then the byte into the check sequence; in the last cycle of that, what is
        returned is high. Of the check sequence a byte itself goes in, which moves the next one down."""
        part, checking, escaped = Signal(range(PARTS)), Signal(), Signal()
        checked, counts, last = Signal(CHECKED_BITS), Signal(), Signal()
        special = (byte[2:] == FLAG >> 2) & (byte[0] ^ byte[1]) & ~flag & ~escaped
        taken = self.bytes.valid & self.bytes.ready
        m.d.comb += [
            self.bytes.valid.eq(~self.idle & ~checking),
            self.bytes.payload.eq(Mux(flag, FLAG, Mux(special, ESCAPE, byte ^ Mux(escaped, INVERTED, 0)))),
            check.data.eq(Mux(last, ~check.crc[:CHECKED_BITS], checked)),
            check.valid.eq(counts),
        ]
        # By way of registers: a reply comes from a memory.
        m.d.sync += [checked.eq(byte.word_select(part, CHECKED_BITS)), counts.eq(checking & ~flag), last.eq(fcs)]
        with m.If(taken):
            m.d.sync += [escaped.eq(special), checking.eq(~special)]
        with m.If(checking):
            m.d.sync += [part.eq(part + 1), checking.eq(part != PARTS - 1)]
        return checking & (part == PARTS - 1)


assert {FLAG, ESCAPE} == {FLAG & ~3 | 1, FLAG & ~3 | 2}, "so does `special` know them"
