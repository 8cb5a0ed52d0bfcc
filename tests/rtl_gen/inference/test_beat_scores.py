"""Scores of classes in beats against multiplications of Python's integers."""

from random import Random

import pytest

from bephw.rtl_gen.inference.beat_scores import BeatScores
from bephw.shape import LayerShape


def scales_and_offsets(kind, classes, random):
    """Of classes: all scales one power of two; all one other number; each its own."""
    scales = {
        "shifted": [8] * classes,
        "shared": [5] * classes,
        "each its own": [random.choice([0, 1, random.randint(0, 300)]) for _ in range(classes)],
        "none": [0] * classes,
    }[kind]
    return scales, [random.choice([0, random.randint(0, 500)]) for _ in range(classes)]


@pytest.mark.parametrize(
    ("classes", "rows", "words"), [(2, 1, 1), (2, 2, 1), (10, 1, 4), (10, 10, 1), (7, 4, 3), (17, 6, 2), (13, 5, 40)]
)
@pytest.mark.parametrize("kind", ["shifted", "shared", "each its own", "none"])
def test_scale_times_matches_and_offset(bench, classes, rows, words, kind):
    shape = LayerShape(0, 2 * words, classes, rows, 2, 1)
    random = Random(classes * rows + len(kind))
    scales, offsets = scales_and_offsets(kind, classes, random)
    dut = BeatScores(shape, scales, offsets)
    b = bench(dut, seed=classes)
    width, beats, latency = shape.z_bits, shape.all_beats(), BeatScores.latency(shape)
    counts = (0, shape.inputs, *range(shape.inputs + 1))
    samples = [random.choices(counts, k=classes) for _ in range(25)]
    pending = [(sample, index) for sample in samples for index in range(len(beats))]
    history, seen = [], []

    def step(scores):
        if len(history) > latency and history[-latency - 1] is not None:
            sample, index = history[-latency - 1]
            assert scores["valid"] and scores["last"] == (index == len(beats) - 1)
            for place, output in enumerate(beats[index]):
                score = scores["data"] >> place * dut.width & ((1 << dut.width) - 1)
                assert score == scales[output] * sample[output] + offsets[output]
            seen.append(index)
        else:
            assert not scores["valid"]
        if not pending or random.random() < 0.3:
            history.append(None)
            return [(dut.counts.valid, 0)]
        sample, index = pending.pop(0)
        history.append((sample, index))
        data = random.getrandbits(shape.scan * width)  # noise in places without a class
        for place, output in enumerate(beats[index]):
            data = data & ~(((1 << width) - 1) << place * width) | sample[output] << place * width
        return [(dut.counts, {"valid": 1, "data": data, "last": int(index == len(beats) - 1)})]

    b.watch([dut.scores], step)
    b.run(lambda: len(seen) == len(samples) * len(beats))
