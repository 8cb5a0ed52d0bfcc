"""The array of lanes: z of every row, words in order, pipeline held by `enable`."""

import random

import pytest

from bephw.rtl_gen.compact.array import XnorPopcountArray
from bephw.rtl_gen.compact.xnor_popcount import XnorPopcount
from bephw.shape import LayerShape


def groups_of_steps(shape, count, generator):
    """For each row group: its steps, and the z of its rows."""
    for number in range(count):
        z = [-shape.inputs] * shape.rows
        steps = []
        for word in range(shape.words):
            activations = generator.getrandbits(shape.columns)
            weights = [generator.getrandbits(shape.columns) for _ in range(shape.rows)]
            for lane in range(min(shape.columns, shape.inputs - word * shape.columns)):
                for row in range(shape.rows):
                    z[row] += 2 * ((weights[row] >> lane) & 1 == (activations >> lane) & 1)
            flags = {
                "valid": 1,
                "first": word == 0,
                "last": word == shape.words - 1,
                "final": number % 3 == 2,
                "tag": {"label": number % 5, "learn": number % 2},
            }
            steps.append((flags, activations, weights))
        yield steps, z


@pytest.mark.parametrize(
    ("inputs", "rows", "columns"), [(1, 1, 1), (5, 2, 2), (7, 3, 7), (40, 2, 20), (17, 1, 17), (12, 4, 5)]
)
@pytest.mark.parametrize("stall", [0.0, 0.4])
def test_z_of_every_row(bench, inputs, rows, columns, stall):
    shape = LayerShape(0, inputs, rows * 3, rows, columns, 1)
    dut = XnorPopcountArray(shape, 5)
    b = bench(dut, seed=inputs)
    groups = list(groups_of_steps(shape, 9, random.Random(inputs)))
    pending = [step for steps, _ in groups for step in steps]
    expected, sent, seen = [z for _, z in groups], [], []
    latency = XnorPopcount.latency(columns) + 1
    moves = [0]  # cycles with enable

    def act(enable, step, done, z):
        if done["valid"]:
            assert z == expected[len(seen)]
            assert done["tag"] == {"label": len(seen) % 5, "learn": len(seen) % 2}
            assert done["final"] == (len(seen) % 3 == 2)
        if enable:
            if done["valid"]:
                seen.append(moves[0])
            if step["valid"] and step["last"]:
                sent.append(moves[0])
            moves[0] += 1
        changes = [(dut.enable, b.random.random() >= stall)]
        if enable:
            bubble = b.random.random() < stall
            flags, activations, weights = (
                pending.pop(0) if pending and not bubble else ({"valid": 0, "last": 1}, 0, [0] * rows)
            )
            changes += [(dut.step, flags), (dut.activations, activations), (dut.weights, weights)]
        return changes

    b.watch([dut.enable, dut.step, dut.done, dut.z], act)
    b.run(lambda: len(seen) == len(expected))
    assert seen == [move + latency for move in sent]
