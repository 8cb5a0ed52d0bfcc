"""Logits, prediction, margin and lesson together."""

from itertools import pairwise

import numpy as np
import pytest
from allpairspy import AllPairs

from bephw.rtl_gen.classifier.teacher import OUTSTANDING
from bephw.rtl_gen.classifier.unit import Classifier, decisions
from bephw.rtl_gen.samples.input_bank import AHEAD
from bephw.shape import LayerShape

SHAPES = [  # inputs, classes, rows, columns, bits of a beat
    (1, 2, 1, 1, 1),
    (12, 3, 1, 4, 4),
    (9, 5, 2, 4, 3),
    (7, 10, 4, 7, 2),
    (20, 4, 4, 18, 20),
    (16, 6, 3, 2, 5),
]


def even(length, width):
    """Beats of equal size, but for the last."""
    return [range(at, min(at + width, length)) for at in range(0, length, width)]


def classify(prototypes, activations, label, margin):
    logits = [2 * sum(p == a for p, a in zip(row, activations, strict=True)) - len(row) for row in prototypes]
    prediction = logits.index(max(logits))
    if label >= len(prototypes):
        return prediction, 0
    rival = max(y for c, y in enumerate(logits) if c != label)
    return prediction, int(logits[label] - rival < margin)


class Setup:
    def __init__(self, bench, size, margin, samples, seed=0, above=0):
        inputs, classes, rows, columns, width = size
        self.shape = shape = LayerShape(1, inputs, classes, rows, columns, 1)
        generator = np.random.default_rng(seed)
        prototypes = generator.integers(0, 2, (classes, inputs)).astype(np.uint8)
        self.prototypes = prototypes.tolist()
        self.beats = even(inputs, width)
        self.dut = Classifier(shape, self.beats, inputs.bit_length() + 3, prototypes, above=above)
        self.bench = b = bench(self.dut, seed)
        self.margin = margin
        b.set(self.dut.margin, margin)
        labels = range(1 << (classes - 1).bit_length())
        self.samples = []
        for _ in range(samples):
            near = [bit ^ (b.random.random() < 0.2) for bit in b.random.choice(self.prototypes)]
            self.samples.append((near, b.random.choice(labels), int(b.random.random() < 0.8)))
        self.chunks = [
            [
                {
                    "data": sum(activations[k] << lane for lane, k in enumerate(part)),
                    "last": part is self.beats[-1],
                    "tag": {"label": label, "learn": learn},
                }
                for part in self.beats
            ]
            for activations, label, learn in self.samples
        ]

    def run(self, stalls=(0.0, 0.0), **options):
        b = self.bench
        self.busy = 0
        self.source = b.flow_source(self.dut.chunks[0], self.chunks, **options)
        self.predictions, self.lessons = b.sink(self.dut.predictions, stalls[0]), b.sink(self.dut.lessons, stalls[1])
        b.watch([self.dut.busy_forward], self._count)
        count = len(self.samples)
        b.run(lambda: len(self.predictions.beats) == sum(x["last"] for x in self.lessons.beats) == count, rest=20)
        assert self.busy == count * self.shape.forward_cycles

    def _count(self, busy):
        self.busy += busy

    def check(self):
        predictions, lessons = iter(self.predictions.beats), iter(self.lessons.beats)
        taught = 0
        for activations, label, learn in self.samples:
            prediction, teach = classify(self.prototypes, activations, label, self.margin)
            teach &= learn
            taught += teach
            assert next(predictions) == {"label": prediction, "taught": teach}
            words = self.shape.words if teach else 1
            for word in range(words):
                beat = next(lessons)
                assert (beat["teach"], beat["learn"], beat["last"]) == (teach, learn, word == words - 1)
                if teach:
                    part = self.prototypes[label][word * self.shape.columns : (word + 1) * self.shape.columns]
                    assert [(beat["data"] >> lane) & 1 for lane in range(len(part))] == part
        assert next(predictions, None) is None
        assert next(lessons, None) is None
        return taught


STALLS = [
    ((0.0, 0.0), {}),
    ((0.0, 0.9), {"pause": 0.5}),
    ((0.9, 0.2), {"ahead": 0}),
    ((0.5, 0.5), {"pause": 0.1, "reluctance": 0.3}),
]


@pytest.mark.parametrize(("size", "share", "stalls"), list(AllPairs([SHAPES, [-0.5, 0.3, 2.1], STALLS])))
def test_predictions_and_lessons(bench, size, share, stalls):
    stalls, options = stalls
    setup = Setup(bench, size, int(share * size[0]) + (share > 2), 16, seed=size[0])
    setup.run(stalls, **options)
    taught = setup.check()
    if share > 2:
        assert taught == sum(learn and label < size[1] for _, label, learn in setup.samples)


@pytest.mark.parametrize("stalled", [0, 1])
def test_decisions_wait_where_they_are_not_taken(bench, stalled):
    """`decisions` samples go through the forward pass, and no more: nothing is lost, whoever does not take his."""
    setup = Setup(bench, (8, 3, 3, 8, 8), 17, 30, seed=2)
    still, seen = [True], []

    def stall():
        return 1.0 if still[0] else 0.0

    async def wait(ctx):
        await setup.bench.wait(ctx, 200)
        seen.append(setup.busy)
        still[0] = False

    setup.bench.process(wait)
    setup.run([stall, 0.0] if stalled == 0 else [0.0, stall])
    setup.check()
    # The teacher takes decisions before their lessons are taken: each of these is a word.
    waiting = decisions(setup.shape) + (OUTSTANDING if stalled else 0)
    assert seen == [waiting * setup.shape.forward_cycles]


def test_a_hidden_classifier_sends_verdicts_and_keeps_those_of_samples_in_the_layers_above(bench):
    """Two layers above: `AHEAD` samples more in each may go through before the first verdict is taken."""
    setup = Setup(bench, (8, 3, 3, 8, 8), 17, 40, seed=2, above=2)
    still, seen = [True], []

    async def wait(ctx):
        await setup.bench.wait(ctx, 400)
        seen.append(setup.busy)
        still[0] = False

    setup.bench.process(wait)
    setup.run([lambda: 1.0 if still[0] else 0.0, 0.0])
    assert [beat["taught"] for beat in setup.predictions.beats] == [
        classify(setup.prototypes, activations, label, 17)[1] & learn for activations, label, learn in setup.samples
    ]
    assert set(setup.predictions.beats[0]) == {"taught"}
    assert seen == [(decisions(setup.shape) + 2 * AHEAD) * setup.shape.forward_cycles]


THROUGHPUT_SHAPES = [
    (12, 3, 1, 4, 12),
    (12, 10, 1, 4, 12),
    (8, 6, 3, 8, 8),
    (16, 2, 2, 1, 16),
    (9, 9, 9, 3, 9),
    (12, 10, 10, 2, 3),
]


@pytest.mark.parametrize("size", THROUGHPUT_SHAPES)
@pytest.mark.parametrize("teach", [False, True])
def test_throughput(bench, size, teach):
    """groups * words cycles a sample, or as many as a lesson takes."""
    most = 2 * size[0] + 1
    setup = Setup(bench, size, most if teach else -most, 16, seed=1)
    setup.run()
    setup.check()
    shape, cycles = setup.shape, setup.predictions.cycles
    periods = [later - earlier for earlier, later in pairwise(cycles[6:])]
    assert set(periods) == {max(shape.forward_cycles, teach * shape.words)}
