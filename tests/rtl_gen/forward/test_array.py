"""The array of lanes: matches of every row, words in order."""

import random

import pytest

from bephw.rtl_gen.forward.array import XnorPopcountArray
from bephw.shape import LayerShape


def groups_of_steps(shape, count, generator):
    """For each row group: its steps, and how many inputs agree with the weights of each of its rows.

    Padding lanes, at the end of the last word, do not agree.
    """
    for number in range(count):
        matches = [0] * shape.rows
        steps = []
        for word in range(shape.words):
            used = min(shape.columns, shape.inputs - word * shape.columns)
            padding = (1 << shape.columns) - (1 << used)
            activations = generator.getrandbits(used)
            weights = [generator.getrandbits(used) | padding for _ in range(shape.rows)]
            for lane in range(used):
                for row in range(shape.rows):
                    matches[row] += (weights[row] >> lane) & 1 == (activations >> lane) & 1
            flags = {
                "valid": 1,
                "last": word == shape.words - 1,
                "final": number % 3 == 2,
            }
            steps.append((flags, activations, weights))
        yield steps, matches


@pytest.mark.parametrize(
    ("inputs", "rows", "columns"), [(1, 1, 1), (5, 2, 2), (7, 3, 7), (40, 2, 20), (17, 1, 17), (12, 4, 5), (100, 2, 56)]
)
@pytest.mark.parametrize("pause", [0.0, 0.4])
def test_matches_of_every_row(bench, inputs, rows, columns, pause):
    """Pauses, also inside a row group, change nothing; latency as promised, a word a cycle."""
    shape = LayerShape(0, inputs, rows * 3, rows, columns, 1)
    dut = XnorPopcountArray(shape)
    b = bench(dut, seed=inputs)
    groups = list(groups_of_steps(shape, 12, random.Random(inputs)))
    pending = [step for steps, _ in groups for step in steps]
    expected, lasts, seen = [matches for _, matches in groups], [], []

    def act(done, matches):
        if done["valid"]:
            number = len(seen)
            assert matches == expected[number]
            assert done["final"] == (number % 3 == 2)
            seen.append(b.cycle)
        if pending and b.random.random() >= pause:
            flags, activations, weights = pending.pop(0)
            if flags["last"]:
                lasts.append(b.cycle + 1)
        else:
            flags = {"valid": 0, **{name: b.random.randrange(2) for name in ("last", "final")}}
            activations = b.random.getrandbits(columns)
            weights = [b.random.getrandbits(columns) for _ in range(rows)]
        return [(dut.step, flags), (dut.activations, activations), (dut.weights, weights)]

    b.watch([dut.done, dut.matches], act)
    b.run(lambda: len(seen) == len(expected), rest=10)
    assert seen == [last + XnorPopcountArray.latency(shape) for last in lasts]
    if pause == 0:
        assert lasts == list(range(lasts[0], lasts[0] + shape.words * len(groups), shape.words))
