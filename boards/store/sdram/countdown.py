"""A time that must pass between two commands."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Countdown"]


class Countdown(wiring.Component):
    """`over`, a register, is low after `start`: what waits for it happens `cycles` cycles after `start` at the
    earliest."""

    def __init__(self, cycles: int) -> None:
        self._cycles = cycles
        super().__init__({"start": In(1), "over": Out(1, init=1)})

    def elaborate(self, platform):
        m = Module()
        left = Signal(range(max(self._cycles, 2)))
        with m.If(self.start):
            m.d.sync += [left.eq(self._cycles - 1), self.over.eq(self._cycles == 1)]
        with m.Elif(~self.over):
            m.d.sync += [left.eq(left - 1), self.over.eq(left == 1)]
        return m
