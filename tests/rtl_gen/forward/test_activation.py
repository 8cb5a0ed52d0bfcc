"""From z to activation, magnitude and gate."""

import random

import pytest

from bephw.rtl_gen.forward.activation import Activation
from bephw.shape import LayerShape


def send(b, dut, beats, pause):
    """Send beats of sums, and return those of outcomes, each checked to come `Activation.LATENCY` cycles later."""
    sent, found, cycles, pending = [], [], [], list(beats)

    def act(outcomes):
        if outcomes["valid"]:
            found.append(outcomes)
            cycles.append(b.cycle)
        # Not in the first cycle: thresholds are not there yet.
        if not pending or b.cycle == 0 or b.random.random() < pause:
            noise = [b.random.choice(beats)["z"][0] for _ in beats[0]["z"]]
            return [(dut.sums, {"valid": 0, "z": noise, "last": b.random.randrange(2)})]
        sent.append(b.cycle + 1)
        return [(dut.sums, {"valid": 1, **pending.pop(0)})]

    b.watch([dut.outcomes], act)
    b.run(lambda: len(found) == len(beats), rest=5)
    assert cycles == [cycle + Activation.LATENCY for cycle in sent]
    if pause == 0:
        assert sent == list(range(sent[0], sent[0] + len(beats))), "one beat a cycle"
    return found


@pytest.mark.parametrize("gate", [0, 1, 3, 6])
@pytest.mark.parametrize("pause", [0.0, 0.5])
def test_all_values_of_z(bench, gate, pause):
    shape = LayerShape(0, 6, 6, 3, 6, 1)
    dut = Activation(shape)
    b = bench(dut, seed=gate)
    b.set(dut.gate, gate)
    values = [*range(-6, 7), 0, gate, -gate]
    groups = [[z, -z, values[index - 1]] for index, z in enumerate(values)]
    beats = [{"z": z, "last": index % 2} for index, z in enumerate(groups)]
    assert send(b, dut, beats, pause) == [
        {
            "valid": 1,
            "outputs": [{"active": int(z >= 0), "open": int(abs(z) <= gate), "magnitude": abs(z)} for z in beat["z"]],
            "last": beat["last"],
        }
        for beat in beats
    ]


@pytest.mark.parametrize(
    ("inputs", "outputs", "rows", "columns"),
    [(6, 6, 3, 6), (7, 5, 2, 7), (1, 1, 1, 1), (8, 7, 3, 8), (15, 3, 3, 15), (4, 9, 1, 4), (8, 13, 5, 4), (9, 7, 7, 3)],
)
@pytest.mark.parametrize("pause", [0.0, 0.5])
def test_thresholds(bench, inputs, outputs, rows, columns, pause):
    """Every reachable z of every output meets its threshold; several samples, beats that do not divide the outputs."""
    shape = LayerShape(0, inputs, outputs, rows, columns, 1)
    chance = random.Random(inputs * outputs)
    ends = [-inputs, inputs + 1]
    thresholds = [chance.choice([*ends, chance.randint(*ends)]) for _ in range(outputs)]
    dut = Activation(shape, thresholds)
    samples = [[z if j % 2 else -z for j in range(outputs)] for z in range(-inputs, inputs + 1, 2)]
    parts = [(sample, outputs) for sample in samples for outputs in shape.all_beats()]
    beats = [
        {
            "z": [sample[j] for j in part] + [chance.randint(-inputs, inputs) for _ in range(shape.scan - len(part))],
            "last": int(part.stop == outputs),
        }
        for sample, part in parts
    ]
    for beat, (sample, part) in zip(send(bench(dut, seed=rows), dut, beats, pause), parts, strict=True):
        for place, j in enumerate(part):
            assert beat["outputs"][place]["active"] == (sample[j] >= thresholds[j])
            assert beat["outputs"][place]["magnitude"] == abs(sample[j])
