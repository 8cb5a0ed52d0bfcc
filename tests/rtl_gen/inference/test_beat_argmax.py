"""The argmax of numbers in beats against a list's maximum."""

import pytest

from bephw.rtl_gen.inference.beat_argmax import BeatArgmax
from bephw.shape import LayerShape


@pytest.mark.parametrize(
    ("classes", "rows", "words"), [(2, 1, 1), (2, 2, 1), (10, 1, 4), (10, 10, 1), (7, 4, 3), (17, 6, 2), (13, 5, 2)]
)
@pytest.mark.parametrize("pause", [0.0, 0.5])
def test_lowest_class_among_the_largest(bench, classes, rows, words, pause):
    shape = LayerShape(0, 2 * words, classes, rows, 2, 1)
    dut = BeatArgmax(shape)
    b = bench(dut, seed=classes)
    width, beats = shape.z_bits, shape.all_beats()
    top = [b.random.choice([0, 1, shape.inputs]) for _ in range(40)]
    samples = [[b.random.randint(0, most) for _ in range(classes)] for most in top]
    pending = [(sample, index) for sample in samples for index in range(len(beats))]
    labels, done, ended = [], [], []

    def step(is_done, label):
        if is_done:
            labels.append(label)
            done.append(b.cycle)
        if not pending or b.random.random() < pause:
            return [(dut.counts.valid, 0)]
        sample, index = pending.pop(0)
        data = b.random.getrandbits(shape.scan * width)  # noise in places without a class
        for place, output in enumerate(beats[index]):
            data = data & ~(((1 << width) - 1) << place * width) | sample[output] << place * width
        last = index == len(beats) - 1
        if last:
            ended.append(b.cycle + 1)
        return [(dut.counts, {"valid": 1, "data": data, "last": int(last)})]

    b.watch([dut.done, dut.label], step)
    b.run(lambda: len(labels) == len(samples))
    assert labels == [sample.index(max(sample)) for sample in samples]
    assert done == [cycle + BeatArgmax.latency(shape) for cycle in ended]
