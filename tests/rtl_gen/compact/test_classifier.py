"""Logits, prediction, margin and lesson together."""

from itertools import pairwise

import numpy as np
import pytest

from bephw.rtl_gen.compact.classifier import Classifier
from bephw.shape import LayerShape

SHAPES = [  # inputs, classes, rows, columns, width of a chunk
    (1, 2, 1, 1, 1),
    (12, 3, 1, 4, 4),
    (9, 5, 2, 4, 3),
    (7, 10, 4, 7, 2),
    (20, 4, 4, 18, 20),
]


def classify(prototypes, activations, label, margin):
    logits = [2 * sum(p == a for p, a in zip(row, activations, strict=True)) - len(row) for row in prototypes]
    prediction = logits.index(max(logits))
    if label >= len(prototypes):
        return prediction, 0
    rival = max(y for c, y in enumerate(logits) if c != label)
    return prediction, int(logits[label] - rival < margin)


class Setup:
    def __init__(self, bench, size, margin, samples, seed=0):
        inputs, classes, rows, columns, width = size
        self.shape = shape = LayerShape(1, inputs, classes, rows, columns, 1)
        generator = np.random.default_rng(seed)
        prototypes = generator.integers(0, 2, (classes, inputs)).astype(np.uint8)
        self.prototypes = prototypes.tolist()
        self.dut = Classifier(shape, width, inputs.bit_length() + 3, prototypes)
        self.bench = b = bench(self.dut, seed)
        self.margin = margin
        b.set(self.dut.margin, margin)
        labels = range(1 << (classes - 1).bit_length())
        self.samples = []
        for _ in range(samples):
            near = [bit ^ (b.random.random() < 0.2) for bit in b.random.choice(self.prototypes)]
            self.samples.append((near, b.random.choice(labels), int(b.random.random() < 0.8)))
        self.chunks = []
        for activations, label, learn in self.samples:
            count = -(-inputs // width)
            for index in range(count):
                part = activations[index * width : (index + 1) * width]
                data = sum(bit << lane for lane, bit in enumerate(part))
                tag = {"label": label, "learn": learn}
                self.chunks.append({"data": data, "last": index == count - 1, "tag": tag})

    def run(self, pause=0.0, stalls=(0.0, 0.0)):
        b = self.bench
        b.source(self.dut.chunks, self.chunks, pause)
        self.predictions, self.lessons = b.sink(self.dut.predictions, stalls[0]), b.sink(self.dut.lessons, stalls[1])
        count = len(self.samples)
        b.run(lambda: len(self.predictions.beats) == sum(x["last"] for x in self.lessons.beats) == count, rest=20)

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


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("share", [-0.5, 0.3, 2.1])
@pytest.mark.parametrize(
    ("pause", "stalls"), [(0.0, (0.0, 0.0)), (0.5, (0.0, 0.7)), (0.0, (0.8, 0.2)), (0.1, (0.5, 0.5))]
)
def test_predictions_and_lessons(bench, size, share, pause, stalls):
    setup = Setup(bench, size, int(share * size[0]) + (share > 2), 16, seed=size[0])
    setup.run(pause, stalls)
    taught = setup.check()
    if share > 2:
        assert taught == sum(learn and label < size[1] for _, label, learn in setup.samples)


THROUGHPUT_SHAPES = [(12, 3, 1, 4, 12), (12, 10, 1, 4, 12), (8, 6, 3, 8, 8), (16, 2, 2, 1, 16), (9, 9, 9, 3, 9)]


@pytest.mark.parametrize("size", THROUGHPUT_SHAPES)
@pytest.mark.parametrize("teach", [False, True])
def test_throughput(bench, size, teach):
    """max(forward_cycles, gearbox, classes + groups and, for a lesson, the words of a prototype)."""
    most = 2 * size[0] + 1
    setup = Setup(bench, size, most if teach else -most, 12, seed=1)
    setup.run()
    setup.check()
    shape, cycles = setup.shape, setup.predictions.cycles
    periods = [later - earlier for earlier, later in pairwise(cycles[4:])]
    gearbox = -(-size[0] // size[4]) + shape.words
    assert max(periods) <= max(shape.forward_cycles, gearbox, shape.outputs + shape.groups + teach * shape.words)
