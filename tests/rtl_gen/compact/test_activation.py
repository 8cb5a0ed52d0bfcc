"""From z to activation, magnitude and gate."""

import random

import pytest

from bephw.rtl_gen.compact.activation import Activation
from bephw.shape import LayerShape


@pytest.mark.parametrize("gate", [0, 1, 3, 6])
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_all_values_of_z(bench, gate, stall):
    shape = LayerShape(0, 6, 6, 3, 2, 1)
    dut = Activation(shape, 4)
    b = bench(dut, seed=gate)
    b.set(dut.gate, gate)
    values = [*range(-6, 7), 0, gate, -gate]
    groups = [[z, -z, values[index - 1]] for index, z in enumerate(values)]
    tags = [{"label": index % 4, "learn": index % 2} for index in range(len(groups))]
    beats = [{"z": z, "final": index % 2, "tag": tag} for index, (z, tag) in enumerate(zip(groups, tags, strict=True))]
    source, sink = b.source(dut.sums, beats, stall), b.sink(dut.outcomes, stall)
    b.run(lambda: len(sink.beats) == len(beats), rest=5)
    assert sink.beats == [
        {
            "rows": [{"active": int(z >= 0), "open": int(abs(z) <= gate), "magnitude": abs(z)} for z in beat["z"]],
            "final": beat["final"],
            "tag": beat["tag"],
        }
        for beat in beats
    ]
    if stall == 0:
        assert sink.cycles == [cycle + 1 for cycle in source.taken]
        assert source.taken == list(range(source.taken[0], source.taken[0] + len(beats)))


@pytest.mark.parametrize(
    ("inputs", "outputs", "rows"), [(6, 6, 3), (7, 5, 2), (1, 1, 1), (8, 7, 3), (15, 3, 3), (4, 9, 1)]
)
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_thresholds(bench, inputs, outputs, rows, stall):
    """Every reachable z of every output meets its threshold; several samples, rows that do not divide the outputs."""
    shape = LayerShape(0, inputs, outputs, rows, 1, 1)
    chance = random.Random(inputs * outputs)
    ends = [-inputs, inputs + 1]
    thresholds = [chance.choice([*ends, chance.randint(*ends)]) for _ in range(outputs)]
    dut = Activation(shape, 2, thresholds)
    b = bench(dut, seed=rows)
    samples = [
        [z if j % 2 else -z for j in range(outputs)] + [0] * (shape.groups * rows - outputs)
        for z in range(-inputs, inputs + 1, 2)
    ]
    beats = [
        {"z": z[start : start + rows], "final": int(start + rows >= outputs), "tag": {"label": 1, "learn": 0}}
        for z in samples
        for start in range(0, len(z), rows)
    ]
    b.source(dut.sums, beats, stall, when=lambda: b.cycle >= 1)  # After the first read.
    sink = b.sink(dut.outcomes, stall)
    b.run(lambda: len(sink.beats) == len(beats), rest=5)
    active = [row["active"] for beat in sink.beats for row in beat["rows"]]
    wide = shape.groups * rows
    assert [active[start : start + outputs] for start in range(0, len(active), wide)] == [
        [int(z >= threshold) for z, threshold in zip(sample, thresholds, strict=False)] for sample in samples
    ]
    assert [row["magnitude"] for beat in sink.beats for row in beat["rows"]] == [abs(z) for s in samples for z in s]
