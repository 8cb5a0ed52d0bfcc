"""Samples that go on to two receivers."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.samples.sample_flow import SampleFlowSignature

__all__ = ["Branch"]


class Branch(wiring.Component):
    """Passes every beat of `chunks`, of layout `payload`, to `branch_0` and `branch_1`, in the same cycle.

    A sample has room where both have room for it.
    """

    def __init__(self, payload) -> None:
        flow = SampleFlowSignature(payload)
        super().__init__({"chunks": In(flow), "branch_0": Out(flow), "branch_1": Out(flow)})

    def elaborate(self, platform):
        m = Module()
        branches = (self.branch_0, self.branch_1)
        m.d.comb += self.chunks.room.eq(Cat(branch.room for branch in branches).all())
        for branch in branches:
            m.d.comb += [
                branch.start.eq(self.chunks.start),
                branch.valid.eq(self.chunks.valid),
                branch.payload.eq(self.chunks.payload),
            ]
        return m
