"""From z to activation, magnitude and gate."""

import pytest

from bephw.rtl_gen.activation import Activation
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
