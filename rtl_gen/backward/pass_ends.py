"""Which samples passed forward together, for who takes them later."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFO
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
            m.submodules[f"ends_{channel}"] = kept = SyncFIFO(width=1, depth=ceil_div(self._slots, self._channels))
            m.d.comb += [
                kept.w_en.eq(self.started[channel]),
                kept.w_data.eq(ends[channel]),
                kept.r_en.eq(self.taken[channel]),
                self.last[channel].eq(kept.r_data),
            ]
        return m
