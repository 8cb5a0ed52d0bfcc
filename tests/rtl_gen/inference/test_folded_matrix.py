"""A folded matrix against NumPy: words of the memory, results, and when they come."""

import numpy as np
import pytest

from bephw.rtl_gen.inference.folded_matrix import FoldedMatrix
from bephw.rtl_gen.inference.weight_source import weight_words
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.shape import LayerShape

SHAPES = [  # outputs, inputs, rows, columns, width of the inputs' beats
    (1, 1, 1, 1, 1),
    (6, 5, 6, 5, 5),
    (5, 9, 2, 4, 4),
    (7, 12, 3, 5, 3),
    (4, 10, 4, 3, 10),
    (9, 8, 2, 8, 3),
]


def test_words_of_the_memory():
    shape = LayerShape(0, 5, 3, 2, 4, 1)
    weights = np.array([[1, 0, 0, 0, 0], [0, 1, 1, 0, 1], [0, 0, 0, 1, 0]])
    ones = 0b1111
    expected = [0b0001 | 0b0110 << 4, 0b1110 | 0b1111 << 4, 0b1000 | ones << 4, 0b1110 | ones << 4]
    assert weight_words(weights, shape) == expected


@pytest.mark.parametrize(("outputs", "inputs", "rows", "columns", "width"), SHAPES)
@pytest.mark.parametrize("counting", [False, True])
def test_vectors_at_full_speed(bench, outputs, inputs, rows, columns, width, counting):
    """As many cycles apart as the forward pass or the beats take."""
    shape, divisions = LayerShape(0, inputs, outputs, rows, columns, 1), stream_beats(inputs, width)
    interval = max(shape.forward_cycles, len(divisions))
    generator = np.random.default_rng(outputs)
    weights = generator.integers(0, 2, (outputs, inputs)).astype(np.uint8)
    least = None if counting else [int(value) for value in generator.integers(0, inputs + 2, outputs)]
    slots = FoldedMatrix.slots_needed(shape, divisions, len(divisions) - 1, interval)
    dut = FoldedMatrix(shape, divisions, weights, slots, least)
    x = generator.integers(0, 2, (20, inputs))
    matches = (weights[None] == x[:, None]).sum(axis=2)
    b = bench(dut)
    b.set(dut.room, 1)
    sent, ended, found = 0, [], []

    def step(beat):
        nonlocal sent
        if beat["valid"]:
            found.append((b.cycle, beat))
        number, index = divmod(sent, interval)
        sent += 1
        if number >= len(x) or index >= len(divisions):
            return [(dut.inputs.valid, 0)]
        bits = divisions[index]
        last = index == len(divisions) - 1
        if last:
            ended.append(b.cycle + 1)
        data = sum(int(bit) << place for place, bit in enumerate(x[number, bits.start : bits.stop]))
        return [(dut.inputs, {"valid": 1, "data": data, "last": int(last)})]

    b.watch([dut.outputs], step)
    b.run(lambda: len(found) == len(x) * shape.scan_beats)
    lasts = [cycle for cycle, beat in found if beat["last"]]
    assert lasts == [cycle + FoldedMatrix.latency(shape, divisions) for cycle in ended]
    each = shape.z_bits if counting else 1
    for number, (_, beat) in enumerate(found):
        n, index = divmod(number, shape.scan_beats)
        for place, output in enumerate(shape.all_beats()[index]):
            expected = matches[n, output] if counting else matches[n, output] >= least[output]
            assert beat["data"] >> place * each & ((1 << each) - 1) == expected
