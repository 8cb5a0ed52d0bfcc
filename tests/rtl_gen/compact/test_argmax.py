"""Prediction and margin against a loop over the classes."""

import random

import pytest

from bephw.rtl_gen.compact.argmax import ArgmaxMargin


def decide(logits, label, margin, learn):
    """Sections 2 and 3."""
    prediction = logits.index(max(logits))
    if label >= len(logits) or not learn:
        return prediction, 0
    rival = max(logit for index, logit in enumerate(logits) if index != label)
    return prediction, int(logits[label] - rival < margin)


class Setup:
    """Samples (logits, label, learn), with pauses between logits, and `enable` low at times."""

    def __init__(self, bench, classes, bits, samples, *, margin, margin_bits, stall=0.0, pause=0.0, seed=0):
        self.dut = dut = ArgmaxMargin(classes, bits, margin_bits)
        self.bench = b = bench(dut, seed)
        self.stall, self.pause, self.samples, self.margin = stall, pause, samples, margin
        b.set(dut.margin, margin)
        self.pending = [(sample, index) for sample in range(len(samples)) for index in range(classes)]
        self.moves, self.lasts, self.results, self.moments = 0, [], [], []
        b.watch(
            [
                dut.enable,
                dut.valid,
                dut.last,
                dut.done,
                dut.prediction,
                dut.teach,
                dut.done_tag.label,
                dut.done_tag.learn,
            ],
            self._act,
        )

    def _act(self, enable, valid, last, done, *result):
        dut, generator = self.dut, self.bench.random
        changes = [(dut.enable, generator.random() >= self.stall)]
        if not enable:
            return changes
        if done:
            self.results.append(result)
            self.moments.append(self.moves)
        if valid and last:
            self.lasts.append(self.moves)
        self.moves += 1
        if not self.pending or generator.random() < self.pause:
            return [*changes, (dut.valid, 0), (dut.logit, generator.randrange(4)), (dut.last, generator.randrange(2))]
        sample, index = self.pending.pop(0)
        logits, label, learn = self.samples[sample]
        return [
            *changes,
            (dut.valid, 1),
            (dut.first, index == 0),
            (dut.last, index == len(logits) - 1),
            (dut.logit, logits[index]),
            (dut.tag, {"label": label, "learn": learn}),
        ]

    def check(self):
        self.bench.run(lambda: len(self.results) == len(self.samples), rest=8)
        expected = [(*decide(logits, label, self.margin, learn), label, learn) for logits, label, learn in self.samples]
        assert self.results == expected
        assert self.moments == [last + 3 for last in self.lasts], "done 3 enabled cycles after the last logit"


@pytest.mark.parametrize("classes", [2, 3, 5, 10])
@pytest.mark.parametrize("margin", [-9, 0, 1, 4, 17])
@pytest.mark.parametrize(("stall", "pause"), [(0.0, 0.0), (0.3, 0.5)])
def test_prediction_and_margin(bench, classes, margin, stall, pause):
    """Few values, so that many are equal; labels out of range where the label's bits allow one."""
    generator = random.Random(classes)
    labels = range(1 << (classes - 1).bit_length())
    samples = [
        (
            [generator.choice([-8, -2, 0, 2, 8]) for _ in range(classes)],
            generator.choice(labels),
            generator.randrange(4) > 0,
        )
        for _ in range(40)
    ]
    samples = [(logits, label, int(learn)) for logits, label, learn in samples]
    Setup(bench, classes, 5, samples, margin=margin, margin_bits=6, stall=stall, pause=pause).check()


def test_extreme_logits_and_margins(bench):
    """+-K_L against -+K_L: the lead is twice as wide as a logit."""
    samples = [([7, -7], 0, 1), ([7, -7], 1, 1), ([-7, 7], 0, 1), ([-8, 7], 1, 1), ([7, 7], 0, 1), ([-8, -8], 1, 1)]
    for margin in (-16, -15, -14, -13, 14, 15, 16):
        Setup(bench, 2, 4, samples, margin=margin, margin_bits=6).check()


@pytest.mark.parametrize("classes", [3, 10])
def test_a_label_that_is_no_class_never_teaches(bench, classes):
    samples = [([0] * classes, label, 1) for label in range(1 << (classes - 1).bit_length())]
    setup = Setup(bench, classes, 5, samples, margin=15, margin_bits=6)
    setup.check()
    assert [result[1] for result in setup.results] == [1] * classes + [0] * (len(samples) - classes)
