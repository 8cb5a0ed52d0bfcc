"""Where rows begin."""

import pytest

from bephw.rtl_gen.weights.row_places import RowPlaces
from bephw.shape import LayerShape

SHAPES = [  # inputs, outputs, rows, columns, update_columns
    (5, 3, 2, 4, 2),
    (1, 1, 1, 1, 1),
    (784, 255, 26, 98, 14),
    (100, 7, 7, 10, 10),
    (9, 40, 1, 8, 1),
]


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize(("stall", "wait"), [(0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.4, 0.4)])
def test_places(bench, size, stall, wait):
    """In order, each with its first counter word and first plane word; where nobody waits, after `latency` cycles."""
    shape = LayerShape(0, *size)
    dut = RowPlaces(shape)
    b = bench(dut, seed=sum(size))
    jobs, expected = [], []
    for _ in range(80):
        j = b.random.randrange(shape.outputs)
        job = {name: b.random.randrange(2) for name in ("present", "refresh", "end", "learn", "desired")}
        job["row"] = {"group": j // shape.rows, "bank": j % shape.rows}
        jobs.append(job)
        expected.append({"job": job, "word": j * shape.row_chunks, "plane": j // shape.rows * shape.words})
    source, sink = b.source(dut.jobs, jobs, stall), b.sink(dut.placed, wait)
    inside = [0]

    def count(taken, jobs_ready, placed, placed_ready, busy):
        assert busy == (inside[0] > 0)
        inside[0] += (taken and jobs_ready) - (placed and placed_ready)

    b.watch([dut.jobs.valid, dut.jobs.ready, dut.placed.valid, dut.placed.ready, dut.busy], count)
    b.run(lambda: len(sink.beats) == len(jobs), rest=5)
    assert sink.beats == expected
    if stall == wait == 0:
        assert source.taken == list(range(source.taken[0], source.taken[0] + len(jobs)))
        assert sink.cycles == [cycle + dut.latency(shape) for cycle in source.taken]
