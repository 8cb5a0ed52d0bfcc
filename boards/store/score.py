"""How many predictions are right."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.buffered_queue import BufferedQueue

__all__ = ["Score"]


class Score(wiring.Component):
    """Counts predictions that are the label of their sample, since `clear`. Labels wait, in the order of the samples.

    Attributes:
        sent, label: a sample has gone into the trainer.
        predicted, prediction: what it says of the oldest that waits; only while `ready`.
        room: whether one more may go in.
        waiting: whether predictions are to come.
    """

    def __init__(self, label: int, capacity: int) -> None:
        self._label = label
        self._capacity = capacity
        super().__init__(
            {
                "clear": In(1),
                "sent": In(1),
                "label": In(label),
                "predicted": In(1),
                "prediction": In(label),
                "ready": Out(1),
                "room": Out(1),
                "waiting": Out(1),
                "correct": Out(32),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.labels = labels = BufferedQueue(self._label, self._capacity)
        right = Signal()
        m.d.comb += [
            labels.w_en.eq(self.sent),
            labels.w_data.eq(self.label),
            labels.r_en.eq(self.predicted),
            self.ready.eq(labels.r_rdy),
            self.room.eq(labels.level != self._capacity),
            self.waiting.eq(labels.level != 0),
        ]
        m.d.sync += [
            right.eq(self.predicted & (self.prediction == labels.r_data)),
            self.correct.eq(self.correct + right),
        ]
        with m.If(self.clear):
            m.d.sync += self.correct.eq(0)
        return m
