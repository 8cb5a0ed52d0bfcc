"""Samples and predictions of a network on AXI4-Stream."""

from amaranth.hdl import *

from bephw.rtl_gen.buses.packet_ends import PacketEnds

__all__ = ["connect_predictions", "connect_samples"]


def connect_samples(m: Module, outside, inside, ends: PacketEnds, hold: Value | int = 0) -> None:
    """Words of `outside`, AXI4-Stream, go to `inside`, a stream of samples; while `hold`, no sample begins.

    A word that waits inside may then be taken back: nothing there keeps any of it before it is taken.
    """
    may, word = Signal(name="may_enter"), inside.payload
    m.d.comb += [
        may.eq(ends.room & ~(hold & ends.between)),
        inside.valid.eq(outside.tvalid & may),
        outside.tready.eq(inside.ready & may),
        word.data.eq(outside.tdata),
        ends.taken.eq(outside.tvalid & outside.tready),
        ends.last.eq(outside.tlast),
    ]
    if hasattr(outside, "tuser"):
        m.d.comb += word.label.eq(outside.tuser)


def connect_predictions(m: Module, inside, outside, ends: PacketEnds) -> None:
    """The other way, with the ends of packets."""
    prediction = inside.payload
    m.d.comb += [
        outside.tvalid.eq(inside.valid & ends.known),
        inside.ready.eq(outside.tready & ends.known),
        outside.tdata.eq(prediction.label),
        outside.tlast.eq(ends.ends),
        ends.predicted.eq(outside.tvalid & outside.tready),
    ]
    if hasattr(outside, "tuser"):
        m.d.comb += outside.tuser.eq(prediction.taught)
