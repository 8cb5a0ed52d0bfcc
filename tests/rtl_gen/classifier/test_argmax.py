"""Prediction and margin against a loop over the classes."""

import random

import pytest

from bephw.rtl_gen.classifier.argmax import ArgmaxMargin
from bephw.shape import LayerShape


def decide(logits, label, margin):
    """Sections 2 and 3."""
    prediction = logits.index(max(logits))
    if label >= len(logits):
        return prediction, 0
    rival = max(logit for index, logit in enumerate(logits) if index != label)
    return prediction, int(logits[label] - rival < margin)


class Setup:
    """Samples (logits, label), with pauses of probability `pause` a cycle, also inside a sample. Logits come one by
    one, or in `beats`."""

    def __init__(self, bench, classes, bits, samples, *, margin, margin_bits, pause=0.0, beats=None, seed=0):
        self.beats = beats or [range(index, index + 1) for index in range(classes)]
        self.dut = dut = ArgmaxMargin(self.beats, bits, margin_bits)
        self.classes = classes
        self.bench = b = bench(dut, seed)
        self.pause, self.samples, self.margin = pause, samples, margin
        b.set(dut.margin, margin)
        self.pending = [(sample, beat) for sample in range(len(samples)) for beat in self.beats]
        self.lasts, self.results, self.cycles = [], [], []
        b.watch(
            [dut.done, dut.prediction, dut.teach],
            self._act,
        )

    def _act(self, done, *result):
        dut, b = self.dut, self.bench
        if done:
            self.results.append(result)
            self.cycles.append(b.cycle)
        if not self.pending or b.random.random() < self.pause:
            return [
                (dut.last, b.random.randrange(2)),
                *((logit, b.random.randrange(4)) for logit in dut.logits),
                (dut.label, b.random.randrange(self.classes)),
                (dut.valid, 0),
            ]
        sample, beat = self.pending.pop(0)
        logits, label = self.samples[sample]
        if beat is self.beats[-1]:
            self.lasts.append(b.cycle + 1)
        # What comes behind a beat's last class does not matter.
        shown = [*logits[beat.start : beat.stop], *(b.random.randrange(4) for _ in range(len(dut.logits)))]
        return [
            (dut.valid, 1),
            (dut.last, beat is self.beats[-1]),
            *zip(dut.logits, shown, strict=False),
            (dut.label, label),
        ]

    def check(self):
        self.bench.run(lambda: len(self.results) == len(self.samples), rest=8)
        expected = [decide(logits, label, self.margin) for logits, label in self.samples]
        assert self.results == expected
        latency = ArgmaxMargin.latency(self.beats)
        assert self.cycles == [last + latency for last in self.lasts], "done so long after the last logit"
        if self.pause == 0:
            apart = len(self.beats)
            assert self.lasts == list(range(self.lasts[0], self.lasts[0] + apart * len(expected), apart))


def few_values(classes):
    """Samples with few values, so that many are equal; labels out of range where the label's bits allow one."""
    generator = random.Random(classes)
    labels = range(1 << (classes - 1).bit_length())
    return [
        (
            [generator.choice([-8, -2, 0, 2, 8]) for _ in range(classes)],
            generator.choice(labels),
        )
        for _ in range(40)
    ]


@pytest.mark.parametrize("classes", [2, 3, 5, 10])
@pytest.mark.parametrize("margin", [-9, 0, 1, 4, 17])
@pytest.mark.parametrize("pause", [0.0, 0.2, 0.7])
def test_prediction_and_margin(bench, classes, margin, pause):
    Setup(bench, classes, 5, few_values(classes), margin=margin, margin_bits=6, pause=pause).check()


@pytest.mark.parametrize("rows_and_words", [(2, 4), (3, 4), (4, 2), (5, 2), (10, 4), (10, 2), (10, 1), (7, 1)])
@pytest.mark.parametrize("classes", [2, 3, 7, 10])
@pytest.mark.parametrize("pause", [0.0, 0.3])
def test_beats_of_several_logits(bench, classes, rows_and_words, pause):
    """As a classifier's array sends them: the last beats of a row group, and of a sample, may be short."""
    rows, words = rows_and_words
    beats = LayerShape(0, words, classes, min(rows, classes), 1, 1).all_beats()
    for margin in (0, 1, 4):
        Setup(bench, classes, 5, few_values(classes), margin=margin, margin_bits=6, pause=pause, beats=beats).check()


def test_extreme_logits_and_margins(bench):
    """+-K_L against -+K_L: the lead is twice as wide as a logit."""
    samples = [([7, -7], 0), ([7, -7], 1), ([-7, 7], 0), ([-8, 7], 1), ([7, 7], 0), ([-8, -8], 1)]
    for margin in (-16, -15, -14, -13, 14, 15, 16):
        Setup(bench, 2, 4, samples, margin=margin, margin_bits=6).check()


@pytest.mark.parametrize("classes", [3, 10])
def test_a_label_that_is_no_class_never_teaches(bench, classes):
    samples = [([0] * classes, label) for label in range(1 << (classes - 1).bit_length())]
    setup = Setup(bench, classes, 5, samples, margin=15, margin_bits=6)
    setup.check()
    assert [result[1] for result in setup.results] == [1] * classes + [0] * (len(samples) - classes)
