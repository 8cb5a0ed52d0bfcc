"""From a row group's matches to beats of z."""

import pytest

from bephw.rtl_gen.forward.drain import Drain
from bephw.shape import LayerShape

SIZES = [  # inputs, outputs, rows, columns
    (1, 1, 1, 1),
    (6, 8, 4, 2),
    (7, 9, 5, 4),  # 3 + 2 outputs, the last group 3 + 1
    (15, 7, 4, 15),  # one beat a group
    (8, 11, 4, 2),  # one output a beat
    (16, 11, 8, 6),
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pause", [0.0, 0.5])
def test_z_leaves_beat_by_beat(bench, size, pause):
    """The first beat in the cycle after the load, then one a cycle, whether or not the next load follows at once."""
    inputs, outputs, rows, columns = size
    shape = LayerShape(0, inputs, outputs, rows, columns, 1)
    scan = shape.scan
    dut = Drain(shape)
    b = bench(dut, seed=outputs)
    beats = -(-rows // scan)
    values = [0, inputs, *range(inputs + 1)]
    groups, expected = [], []
    for number in range(8 * shape.groups):
        group = number % shape.groups
        final = int(group == shape.groups - 1)
        matches = [b.random.choice(values) for _ in range(rows)]
        groups.append({"final": final, "matches": matches})
        here = min(rows, outputs - group * rows)
        starts = range(0, here, scan)
        for start in starts:
            z = [2 * count - inputs for count in matches[start : min(start + scan, here)]]
            expected.append((z, int(final and start == starts[-1])))
    loads, found, cycles = [], [], []

    def act(sums):
        if sums["valid"]:
            z, last = expected[len(found)]
            assert sums["z"][: len(z)] == z
            assert sums["last"] == last
            found.append(sums)
            cycles.append(b.cycle)
        due = not loads or b.cycle + 1 >= loads[-1] + beats
        if len(loads) == len(groups) or not due or b.random.random() < pause:
            noise = [b.random.randrange(inputs + 1) for _ in range(rows)]
            return [(dut.load, 0), (dut.final, b.random.randrange(2)), (dut.matches, noise)]
        group = groups[len(loads)]
        loads.append(b.cycle + 1)
        return [(dut.load, 1), *((getattr(dut, name), value) for name, value in group.items())]

    b.watch([dut.sums], act)
    b.run(lambda: len(found) == len(expected), rest=beats + 3)
    assert len(found) == len(expected)
    per_group = [-(-min(rows, outputs - n % shape.groups * rows) // scan) for n in range(len(groups))]
    assert cycles == [load + 1 + beat for load, count in zip(loads, per_group, strict=True) for beat in range(count)]
