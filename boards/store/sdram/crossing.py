"""From the trainer's clock to that of the SDRAM, and back."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.fifo import AsyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from bephw.boards.store.memory_port import MemorySignature, request_layout
from bephw.rtl_gen.parts.storage import RamForm

__all__ = ["READ_WORDS", "MemoryCrossing"]

READ_WORDS = 32
"""That wait for the trainer: more than a record of 784 bits, so that the chip goes on while a batch ends; not more, for
they then lie in LUT RAM, and large trainers leave no block RAM."""
AHEAD = 4


class MemoryCrossing(wiring.Component):
    """`port` in domain `sync` is `inner` in domain `sdram`: a queue for requests, and one for words each way.

    `room`, in `sdram`, is high while the queue of words that are read has room for `reserve` more.
    """

    @staticmethod
    def queues(width: int, depth: int) -> dict[str, RamForm]:
        """Their memories."""
        return {
            "requests": RamForm(request_layout(depth).size, AHEAD),
            "written": RamForm(width, AHEAD),
            "read": RamForm(width, READ_WORDS),
        }

    def __init__(self, width: int, depth: int, reserve: int) -> None:
        self._width = width
        self._depth = depth
        self._reserve = reserve
        super().__init__(
            {
                "port": In(MemorySignature(width, depth)),
                "inner": Out(MemorySignature(width, depth)),
                "room": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        port, inner = self.port, self.inner
        forms = self.queues(self._width, self._depth)
        m.submodules.requests = self._queue(m, port.requests, inner.requests, forms["requests"], "sync", "sdram")
        m.submodules.written = self._queue(m, port.written, inner.written, forms["written"], "sync", "sdram")
        m.submodules.read = read = self._queue(m, inner.read, port.read, forms["read"], "sdram", "sync")
        m.d.sdram += self.room.eq(read.w_level <= READ_WORDS - self._reserve)
        return m

    def _queue(self, m, source, sink, form, source_domain, sink_domain):
        queue = AsyncFIFOBuffered(width=form.width, depth=form.depth, w_domain=source_domain, r_domain=sink_domain)
        m.d.comb += [
            queue.w_data.eq(source.payload),
            queue.w_en.eq(source.valid),
            source.ready.eq(queue.w_rdy),
            sink.payload.eq(queue.r_data),
            sink.valid.eq(queue.r_rdy),
            queue.r_en.eq(sink.ready),
        ]
        return queue
