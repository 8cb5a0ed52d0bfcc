"""Replies of a board: answers and predictions to bytes."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.boards.link.protocol import TAUGHT, Operation

__all__ = ["ReplySender", "answer_layout"]

LONGEST = 5


def answer_layout() -> data.StructLayout:
    """Up to five bytes, first in the low bits; `last` completes a reply."""
    return data.StructLayout({"bytes": 8 * LONGEST, "count": range(LONGEST + 1), "last": 1})


class ReplySender(wiring.Component):
    """Sends answers, and predictions between replies (never inside one), as bytes."""

    def __init__(self, prediction: data.StructLayout) -> None:
        super().__init__(
            {
                "answers": In(stream.Signature(answer_layout())),
                "predictions": In(stream.Signature(prediction)),
                "bytes": Out(stream.Signature(8)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        waiting = Signal(8 * LONGEST)
        count = Signal(range(LONGEST + 1))
        inside = Signal()
        free = count == 0
        predicted = self.predictions.payload
        m.d.comb += [
            self.bytes.payload.eq(waiting[:8]),
            self.bytes.valid.eq(~free),
            self.answers.ready.eq(free),
            self.predictions.ready.eq(free & ~inside & ~self.answers.valid),
        ]
        with m.If(self.answers.valid & self.answers.ready):
            answer = self.answers.payload
            m.d.sync += [waiting.eq(answer.bytes), count.eq(answer.count), inside.eq(~answer.last)]
        with m.Elif(self.predictions.valid & self.predictions.ready):
            operation = Mux(predicted.taught.any(), Operation.SAMPLE | TAUGHT, Operation.SAMPLE)
            label = Signal(16)
            m.d.comb += label.eq(predicted.label)
            m.d.sync += [waiting.eq(Cat(operation[:8], label)), count.eq(3)]
        with m.Elif(self.bytes.valid & self.bytes.ready):
            m.d.sync += [waiting.eq(waiting >> 8), count.eq(count - 1)]
        return m
