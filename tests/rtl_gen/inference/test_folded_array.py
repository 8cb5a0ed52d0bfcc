"""Folded lanes against counting bit by bit."""

import numpy as np
import pytest

from bephw.rtl_gen.inference.folded_array import READ, FoldedArray
from bephw.shape import LayerShape


def packed(bits):
    return sum(int(bit) << index for index, bit in enumerate(np.ravel(bits)))


@pytest.mark.parametrize(
    ("outputs", "inputs", "rows", "columns", "samples"),
    [(1, 1, 1, 1, 1), (5, 7, 5, 7, 1), (5, 9, 2, 4, 1), (6, 16, 3, 5, 1), (3, 40, 2, 34, 1), (5, 9, 2, 4, 3)],
)
@pytest.mark.parametrize("kind", ["counts", "alike", "different"])
@pytest.mark.parametrize("pause", [0.0, 0.5])
def test_results_of_every_group(bench, outputs, inputs, rows, columns, samples, kind, pause):
    """Where there are several channels, any of them have a sample."""
    shape = LayerShape(0, inputs, outputs, rows, columns, 1, samples=samples)
    generator = np.random.default_rng(inputs)
    least = {
        "counts": None,
        "alike": [(inputs + 1) // 2] * outputs,
        "different": [int(value) for value in generator.choice([0, inputs // 2, inputs, inputs + 1], outputs)],
    }[kind]
    weights = np.ones((shape.groups * rows, shape.words * columns), np.uint8)
    weights[:outputs, :inputs] = generator.integers(0, 2, (outputs, inputs))
    x = np.zeros((12, samples, shape.words * columns), np.uint8)
    x[:, :, :inputs] = generator.integers(0, 2, (len(x), samples, inputs))
    x[1, :, :inputs], x[2, :, :inputs] = weights[0, :inputs], 1 - weights[0, :inputs]
    valid = [int(some) for some in generator.integers(1, 1 << samples, len(x))]
    dut = FoldedArray(shape, least)
    b = bench(dut, seed=inputs)
    steps = [(n, g, w) for n in range(len(x)) for g in range(shape.groups) for w in range(shape.words)]
    recent, ends, found = [None] * READ, [], []

    def step(done, *results):
        if done:
            found.append((b.cycle, done, results))
        given = steps.pop(0) if steps and b.random.random() >= pause else None
        recent.append(given)
        sets = [(dut.weights, b.random.getrandbits(rows * columns))]
        sets += [(activations, b.random.getrandbits(columns)) for activations in dut.activations]
        if recent[-1 - READ]:
            n, group, word = recent[-1 - READ]
            part = slice(word * columns, (word + 1) * columns)
            sets = [(dut.weights, packed(weights[group * rows : (group + 1) * rows, part]))]
            sets += [(dut.activations[channel], packed(x[n, channel, part])) for channel in range(samples)]
        last = bool(given) and given[2] == shape.words - 1
        if last:
            ends.append((b.cycle + 1, given))
        layout = {"valid": valid[given[0]] if given else 0, "group": given[1] if given else 0, "last": int(last)}
        return [(dut.step, layout), *sets]

    b.watch([dut.done, *dut.results], step)
    b.run(lambda: len(found) == len(x) * shape.groups)
    width = shape.z_bits if least is None else 1
    for (cycle, done, results), (end, (n, group, _)) in zip(found, ends, strict=True):
        assert (cycle, done) == (end + FoldedArray.latency(shape), valid[n])
        for channel in range(samples):
            if not done >> channel & 1:
                continue
            for row, output in enumerate(range(group * rows, min((group + 1) * rows, outputs))):
                matches = int((weights[output, :inputs] == x[n, channel, :inputs]).sum())
                expected = matches if least is None else int(matches >= least[output])
                assert results[channel] >> row * width & ((1 << width) - 1) == expected
