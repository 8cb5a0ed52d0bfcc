"""Prediction and margin from logits that come in beats."""

from collections.abc import Sequence
from typing import NamedTuple

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import delay, next_index

__all__ = ["ArgmaxMargin"]


class _Contest(NamedTuple):
    """Of some classes: the largest logit and the place of the first that has it; that of the label, if it is among
    them (`known`); the largest of the others, if there are any (`rivalled`)."""

    best: Value
    place: Value
    target: Value
    known: Value
    rival: Value
    rivalled: Value


class ArgmaxMargin(wiring.Component):
    """Largest logit, lowest index among equals (numerics.md section 2), and whether the sample teaches.

    It teaches where y_t - max over c != t of y_c < R (section 3). A label that is no class never teaches.

    Logits come in class order, in `beats` of several, where `valid`, with the sample's `label` and, with the last of
    them, `last`. `done` is high for a cycle, `latency(beats)` cycles after it, with `prediction` and `teach`.
    Throughput: one beat a cycle.
    """

    def __init__(self, beats: Sequence[range], logit_bits: int, margin_bits: int) -> None:
        self._beats = list(beats)
        self._classes = self._beats[-1].stop
        self._width = max(map(len, self._beats))
        super().__init__(
            {
                "margin": In(signed(margin_bits)),
                "valid": In(1),
                "last": In(1),
                "logits": In(data.ArrayLayout(signed(logit_bits), self._width)),
                "label": In(range(self._classes)),
                "done": Out(1),
                "prediction": Out(range(self._classes)),
                "teach": Out(1),
            }
        )

    @staticmethod
    def latency(beats: Sequence[range]) -> int:
        """Cycles from the last beat to `done`: that beat's best, the sample's, their difference, its comparison."""
        return (max(map(len, beats)) - 1).bit_length() + 3

    def elaborate(self, platform):
        m = Module()
        levels = self.latency(self._beats) - 3
        first_class, contest = self._enter(m)
        for _ in range(levels):
            contest = [
                *(_meet(m, *pair) for pair in zip(contest[::2], contest[1::2], strict=False)),
                *(_wait(m, left) for left in contest[len(contest) & ~1 :]),
            ]
        valid, last = delay(m, self.valid, levels), delay(m, self.last, levels)
        self._decide(m, valid & last, *self._follow(m, valid, last, delay(m, first_class, levels), contest[0]))
        return m

    def _enter(self, m):
        """The first class of the beat, and each of its logits by itself."""
        first_class = Signal(range(self._classes))
        if self._width == 1:
            with m.If(self.valid):
                m.d.sync += first_class.eq(next_index(first_class, self._classes))
            logit, is_target = self.logits[0], first_class == self.label
            return first_class, [_Contest(logit, C(0, 0), logit, is_target, logit, ~is_target)]
        beat, contest = Signal(range(len(self._beats))), []
        with m.If(self.valid):
            m.d.sync += beat.eq(next_index(beat, len(self._beats)))
        m.d.comb += first_class.eq(Array(classes.start for classes in self._beats)[beat])
        for place, logit in enumerate(self.logits):
            used, is_target = Signal(name=f"used_{place}"), Signal(name=f"is_target_{place}")
            m.d.comb += [
                used.eq(Array(place < len(classes) for classes in self._beats)[beat]),
                is_target.eq(used & (self.label == first_class + place)),
            ]
            # Behind the last class nothing is larger than what is there, and the first among equals is the best.
            least = C(-1 << (len(logit) - 1), signed(len(logit)))
            best = logit if place == 0 else Mux(used, logit, least)
            contest.append(_Contest(best, C(place), logit, is_target, logit, used & ~is_target))
        return first_class, contest

    def _follow(self, m, valid, last, first_class, beat):
        """The sample's best so far, its logit of the label, and the largest of the others, a cycle later."""
        best, target, rival = (Signal(beat.best.shape(), name=name) for name in ("best", "target", "rival"))
        prediction, first = Signal(range(self._classes)), Signal(init=1)
        known, rivalled, has_rival = Signal(), Signal(), Signal()
        m.d.comb += has_rival.eq(rivalled & ~first)
        with m.If(valid):
            m.d.sync += [
                first.eq(last),
                known.eq((known & ~first) | beat.known),
                rivalled.eq(has_rival | beat.rivalled),
            ]
            with m.If(first | (beat.best > best)):
                m.d.sync += [best.eq(beat.best), prediction.eq(first_class + beat.place)]
            with m.If(beat.known):
                m.d.sync += target.eq(beat.target)
            with m.If(beat.rivalled & (~has_rival | (beat.rival > rival))):
                m.d.sync += rival.eq(beat.rival)
        return prediction, target, known, rival

    def _decide(self, m, complete, prediction, target, known, rival):
        """What comes of a sample, two cycles after it is `complete`."""
        lead = Signal(signed(len(target) + 1))
        m.d.sync += [
            lead.eq(target - rival),
            self.done.eq(delay(m, complete, 2)),
            self.teach.eq((lead < self.margin) & delay(m, known, 1)),
            self.prediction.eq(delay(m, prediction, 1)),
        ]


def _wait(m, contest):
    return _Contest(*(delay(m, value, 1, reset_less=True) for value in contest))


def _meet(m, left, right):
    """What is true of the classes of both, a cycle later; those of `left` are the lower ones."""
    ahead, rivals = right.best > left.best, right.rivalled & (~left.rivalled | (right.rival > left.rival))
    return _wait(
        m,
        _Contest(
            Mux(ahead, right.best, left.best),
            Mux(ahead, right.place, left.place),
            Mux(right.known, right.target, left.target),
            left.known | right.known,
            Mux(rivals, right.rival, left.rival),
            left.rivalled | right.rivalled,
        ),
    )
