"""The stream of replies: kept after they are sent, so that they can be sent again."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.boards.link.protocol import REPLY_POSITIONS
from bephw.rtl_gen.parts.storage import block_memory

__all__ = ["ReplyWindow"]


class ReplyWindow(wiring.Component):
    """The last `size` bytes of the replies (a power of two), behind a position from which they are sent.

    `replies` is always ready: the host asks for no more than there is room for. `byte` is the one at `position`, two
    cycles after `advance` or `again`, if there is one (`waiting`); with `registered`, as block RAM is slow to read, a
    cycle later. `again` moves the position, which `following` gives.
    """

    def __init__(self, size: int, *, registered: bool = False) -> None:
        self._size = size
        self._registered = registered
        positions = range(REPLY_POSITIONS)
        super().__init__(
            {
                "replies": In(stream.Signature(8, always_ready=True)),
                "position": Out(positions),
                "waiting": Out(1),
                "byte": Out(8),
                "advance": In(1),
                "again": In(1),
                "following": In(positions),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.storage = storage = block_memory(8, self._size)
        write, read = storage.write_port(), storage.read_port()
        there = Signal(range(2 * self._size))
        m.d.comb += [
            write.addr.eq(there),
            write.data.eq(self.replies.payload),
            write.en.eq(self.replies.valid),
            read.addr.eq(self.position),
            read.en.eq(1),
            self.waiting.eq(there != self.position[: len(there)]),
        ]
        if self._registered:
            byte = Signal(8, reset_less=True)
            m.d.sync += byte.eq(read.data)
            m.d.comb += self.byte.eq(byte)
        else:
            m.d.comb += self.byte.eq(read.data)
        with m.If(self.replies.valid):
            m.d.sync += there.eq(there + 1)
        with m.If(self.again):
            m.d.sync += self.position.eq(self.following)
        with m.Elif(self.advance):
            m.d.sync += self.position.eq(self.position + 1)
        return m
