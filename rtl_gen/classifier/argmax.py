"""Prediction and margin from logits that come one by one."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import delay

__all__ = ["ArgmaxMargin"]


class ArgmaxMargin(wiring.Component):
    """Largest logit, lowest index among equals (numerics.md section 2), and whether the sample teaches.

    It teaches where y_t - max over c != t of y_c < R (section 3). A label that is no class never teaches.

    Logits come in class order where `valid`, with the `label`, `first` and `last` marking the sample's; `done` is high
    for a cycle, `LATENCY` cycles after the last, with `prediction` and `teach`. Throughput: one logit a cycle.
    """

    LATENCY = 3

    def __init__(self, classes: int, logit_bits: int, margin_bits: int) -> None:
        self._classes = classes
        super().__init__(
            {
                "margin": In(signed(margin_bits)),
                "valid": In(1),
                "first": In(1),
                "last": In(1),
                "logit": In(signed(logit_bits)),
                "label": In(range(classes)),
                "done": Out(1),
                "prediction": Out(range(classes)),
                "teach": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        index, best_index = Signal(range(self._classes)), Signal(range(self._classes))
        best, target, rival = (Signal.like(self.logit, name=name) for name in ("best", "target", "rival"))
        rivalled, known = Signal(), Signal()
        is_target, has_rival = Signal(), Signal()
        complete, subtracted = Signal(), Signal()
        lead = Signal(signed(len(self.logit) + 1))
        m.d.comb += [is_target.eq(index == self.label), has_rival.eq(rivalled & ~self.first)]

        m.d.sync += complete.eq(self.valid & self.last)
        with m.If(self.valid):
            m.d.sync += index.eq(Mux(self.last, 0, index + 1))
            with m.If(self.first | (self.logit > best)):
                m.d.sync += [best.eq(self.logit), best_index.eq(index)]
            with m.If(is_target):
                m.d.sync += target.eq(self.logit)
            with m.Elif(~has_rival | (self.logit > rival)):
                m.d.sync += rival.eq(self.logit)
            m.d.sync += [
                rivalled.eq(has_rival | ~is_target),
                known.eq((known & ~self.first) | is_target),
            ]

        m.d.sync += [
            lead.eq(target - rival),
            subtracted.eq(complete),
            self.done.eq(subtracted),
            self.teach.eq((lead < self.margin) & delay(m, known, 1)),
        ]
        with m.If(complete):
            m.d.sync += self.prediction.eq(best_index)
        return m
