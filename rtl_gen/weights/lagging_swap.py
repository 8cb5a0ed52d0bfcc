"""A layer's planes at the end of a batch, where a batch reads the signs after the last but one, and none overlaps."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["LaggingSwap"]

COPIED = 4  # cycles in which the last words of a pass come to the live plane, at most


class LaggingSwap(wiring.Component):
    """Moves a `LaggingPlane` on where all of a batch is done before the next one begins (numerics.md section 8, lag 1).

    With a `swap`, forward passes and error propagation go on to the next plane (`next_read`, in the same cycle). The
    first forward pass after it `copies`; `final` is high in a pass's last step. When all has been `copied`, writes go
    on to the next plane, too (`next_live`); until then nothing is to be written, and winners `hold`. While all planes
    are written anew (`sweeping`) there is nothing to copy.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "swap": In(1),
                "final": In(1),
                "copied": In(1),
                "sweeping": In(1),
                "copies": Out(1),
                "hold": Out(1),
                "next_read": Out(1),
                "next_live": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        since = Signal(COPIED)  # a bit for each cycle since all was copied
        m.d.comb += [
            self.next_read.eq(self.swap),
            self.next_live.eq(since[-1] | (self.copies & self.sweeping)),
            self.hold.eq(self.copies | self.copied),
        ]
        m.d.sync += since.eq(Mux(self.copied & ~since[-1], Cat(C(1, 1), since[:-1]), 0))
        with m.If(self.swap):
            m.d.sync += self.copies.eq(1)
        with m.Elif(self.final | self.sweeping):
            m.d.sync += self.copies.eq(0)
        return m
