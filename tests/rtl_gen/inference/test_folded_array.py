"""Folded lanes against counting bit by bit."""

import numpy as np
import pytest

from bephw.rtl_gen.inference.folded_array import READ, FoldedArray
from bephw.shape import LayerShape


def packed(bits):
    return sum(int(bit) << index for index, bit in enumerate(np.ravel(bits)))


@pytest.mark.parametrize(
    ("outputs", "inputs", "rows", "columns"), [(1, 1, 1, 1), (5, 7, 5, 7), (5, 9, 2, 4), (6, 16, 3, 5), (3, 40, 2, 34)]
)
@pytest.mark.parametrize("kind", ["counts", "alike", "different"])
@pytest.mark.parametrize("pause", [0.0, 0.5])
def test_results_of_every_group(bench, outputs, inputs, rows, columns, kind, pause):
    shape = LayerShape(0, inputs, outputs, rows, columns, 1)
    generator = np.random.default_rng(inputs)
    least = {
        "counts": None,
        "alike": [(inputs + 1) // 2] * outputs,
        "different": [int(value) for value in generator.choice([0, inputs // 2, inputs, inputs + 1], outputs)],
    }[kind]
    weights = np.ones((shape.groups * rows, shape.words * columns), np.uint8)
    weights[:outputs, :inputs] = generator.integers(0, 2, (outputs, inputs))
    x = np.zeros((12, shape.words * columns), np.uint8)
    x[:, :inputs] = generator.integers(0, 2, (len(x), inputs))
    x[1, :inputs], x[2, :inputs] = weights[0, :inputs], 1 - weights[0, :inputs]
    dut = FoldedArray(shape, least)
    b = bench(dut, seed=inputs)
    steps = [(n, g, w) for n in range(len(x)) for g in range(shape.groups) for w in range(shape.words)]
    recent, ends, found = [None] * READ, [], []

    def step(done, results):
        if done:
            found.append((b.cycle, results))
        given = steps.pop(0) if steps and b.random.random() >= pause else None
        recent.append(given)
        sets = [(dut.weights, b.random.getrandbits(rows * columns)), (dut.activations, b.random.getrandbits(columns))]
        if recent[-1 - READ]:
            n, group, word = recent[-1 - READ]
            part = slice(word * columns, (word + 1) * columns)
            sets = [
                (dut.weights, packed(weights[group * rows : (group + 1) * rows, part])),
                (dut.activations, packed(x[n, part])),
            ]
        last = bool(given) and given[2] == shape.words - 1
        if last:
            ends.append((b.cycle + 1, given))
        return [(dut.step, {"valid": int(bool(given)), "group": given[1] if given else 0, "last": int(last)}), *sets]

    b.watch([dut.done, dut.results], step)
    b.run(lambda: len(found) == len(x) * shape.groups)
    width = shape.z_bits if least is None else 1
    for (cycle, results), (end, (n, group, _)) in zip(found, ends, strict=True):
        assert cycle == end + FoldedArray.latency(shape)
        for row, output in enumerate(range(group * rows, min((group + 1) * rows, outputs))):
            matches = int((weights[output, :inputs] == x[n, :inputs]).sum())
            expected = matches if least is None else int(matches >= least[output])
            assert results >> row * width & ((1 << width) - 1) == expected
