"""How many steps the samples of a recurrent network have."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["SeriesLength"]


class SeriesLength(wiring.Component):
    """Keeps the steps of a sample, 1 to `most` and at first `most`, and changes them only between samples.

    While `written` is high, `value` is what `following` becomes in the next cycle: the steps of every sample that
    begins then or later, 1 for 0 and `most` for more. From that cycle on `changing` is high, and no sample may begin,
    until `current`, the steps of the samples under way, has become the same: after the first cycle in which no sample
    is under way, which `idle` says.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        super().__init__(
            {
                "written": In(1),
                "value": In(32),
                "idle": In(1),
                "following": Out(range(most + 1), init=most),
                "current": Out(range(most + 1), init=most),
                "changing": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.changing.eq(self.current != self.following)
        with m.If(self.idle):
            m.d.sync += self.current.eq(self.following)
        with m.If(self.written):
            m.d.sync += self.following.eq(self.value)
            with m.If(self.value == 0):
                m.d.sync += self.following.eq(1)
            with m.If(self.value > self._most):
                m.d.sync += self.following.eq(self._most)
        return m
