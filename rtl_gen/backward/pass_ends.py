"""Which samples passed forward together, for who takes them later."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.samples.batch_front import next_channel
from bephw.shape import ceil_div

__all__ = ["PassEnds"]


class PassEnds(wiring.Component):
    """Keeps, of each sample, whether it was the `last` of those that `started` a pass together, in sample order.

    Samples come to their channels in turn, and up to `slots` of them are kept from then until they are `taken`. `last`
    is that of each channel's next sample, from the cycle after its start on.
    """

    def __init__(self, channels: int, slots: int) -> None:
        self._channels = channels
        self._slots = slots
        super().__init__({"started": In(channels), "taken": In(channels), "last": Out(channels)})

    def elaborate(self, platform):
        m = Module()
        head, ends = Signal(self._channels, init=1), Signal(self._channels)
        # One is the last where the channel after it has not started, or was the first.
        m.d.comb += ends.eq(self.started & (~self.started | head).rotate_right(1))
        with m.If(self.started.any()):
            m.d.sync += head.eq(next_channel(head, self.started))
        for channel in range(self._channels):
            self._keep(m, channel, ends[channel])
        return m

    def _keep(self, m, channel, end):
        """Bits move on as others come; the `oldest` is at -1 while there is none."""
        depth = ceil_div(self._slots, self._channels)
        digits = (depth - 1).bit_length()
        kept = Signal(depth, name=f"kept_{channel}")
        oldest = Signal(digits, init=(1 << digits) - 1, name=f"oldest_{channel}")
        started, taken = self.started[channel], self.taken[channel]
        m.d.comb += self.last[channel].eq(Array(kept)[oldest])
        m.d.sync += oldest.eq(oldest + started - taken)
        with m.If(started):
            m.d.sync += kept.eq(Cat(end, kept)[:depth])
