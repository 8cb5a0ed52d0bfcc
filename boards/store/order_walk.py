"""The addresses of records in the order of an epoch."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["OrderWalk"]


class OrderWalk(wiring.Component):
    """`(first + i * stride) mod size` for i = 0, 1, .. until the next would be `end`, from `start` on; all of them
    where `end` is `first`.

    Neither `first` nor `stride` is above `size`, `end` is one of these addresses, and nothing changes while `active`.
    At most an address in 3 cycles: the sum is made in one cycle, and brought below `size` in the next.
    """

    def __init__(self, depth: int) -> None:
        self._depth = depth
        number = range(depth + 1)
        super().__init__(
            {
                "start": In(1),
                "first": In(number),
                "stride": In(number),
                "end": In(number),
                "size": In(number),
                "addresses": Out(stream.Signature(range(depth))),
                "active": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        address, ahead = Signal(range(self._depth)), Signal(range(2 * self._depth + 1))
        beyond, following = Signal(), Signal(range(self._depth + 1))
        m.d.comb += [
            self.addresses.payload.eq(address),
            beyond.eq(ahead >= self.size),
            following.eq(ahead - Mux(beyond, self.size, 0)),
        ]
        with m.FSM() as machine:
            with m.State("IDLE"), m.If(self.start):
                m.d.sync += address.eq(self.first)
                m.next = "OFFER"
            with m.State("OFFER"):
                m.d.comb += self.addresses.valid.eq(1)
                m.d.sync += ahead.eq(address + self.stride)
                with m.If(self.addresses.ready):
                    m.next = "WRAP"
            with m.State("WRAP"):
                m.d.sync += address.eq(following)
                m.next = "COMPARE"
            with m.State("COMPARE"):
                m.next = "OFFER"
                with m.If(address == self.end):
                    m.next = "IDLE"
            m.d.comb += self.active.eq(~machine.ongoing("IDLE"))
        return m
