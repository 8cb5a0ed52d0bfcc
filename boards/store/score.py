"""How many predictions are right."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.buffered_queue import BufferedQueue
from bephw.rtl_gen.parts.storage import RamForm

__all__ = ["Score"]

SPARE = 2
"""Labels of samples that go in before it is known that there is no room: that is in a register."""


class Score(wiring.Component):
    """Counts predictions that are the label of their sample, since `clear`. Labels wait, in the order of the samples,
    `capacity` of them; `sent` is not high in two cycles in a row.

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

    @staticmethod
    def ram(label: int, capacity: int) -> RamForm:
        """Its memory."""
        return BufferedQueue.ram(label, capacity + SPARE)

    def elaborate(self, platform):
        m = Module()
        m.submodules.labels = labels = BufferedQueue(self._label, self._capacity + SPARE)
        right = Signal()
        m.d.comb += [
            labels.w_en.eq(self.sent),
            labels.w_data.eq(self.label),
            labels.r_en.eq(self.predicted),
            self.ready.eq(labels.r_rdy),
            self.waiting.eq(labels.level != 0),
        ]
        m.d.sync += [
            self.room.eq(labels.level < self._capacity),
            right.eq(self.predicted & (self.prediction == labels.r_data)),
            self.correct.eq(self.correct + right),
        ]
        with m.If(self.clear):
            m.d.sync += self.correct.eq(0)
        return m
