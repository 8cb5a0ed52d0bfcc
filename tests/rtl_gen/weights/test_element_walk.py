"""Row-major walk."""

import pytest

from bephw.rtl_gen.weights.element_walk import ElementWalk
from bephw.shape import LayerShape


@pytest.mark.parametrize(
    ("inputs", "outputs", "columns", "update"),
    [(1, 1, 1, 1), (5, 3, 4, 2), (9, 2, 8, 2), (12, 3, 4, 4), (7, 2, 6, 3), (3, 2, 8, 1)],
)
def test_visits_every_lane_in_order(bench, inputs, outputs, columns, update):
    shape = LayerShape(0, inputs, outputs, 1, columns, update)
    dut = ElementWalk(shape)
    b = bench(dut, seed=inputs)
    lanes = [
        (
            j * shape.row_chunks + k // update,
            k % update == update - 1,
            k >= inputs,
            j == outputs - 1 and k == shape.row_chunks * update - 1,
        )
        for j in range(outputs)
        for k in range(shape.row_chunks * update)
    ]
    at, settled = [0], [True]

    def check(advance, *seen):
        if settled[0]:
            assert seen == lanes[at[0] % len(lanes)]
        at[0] += advance
        settled[0] = not advance
        return [(dut.advance, not advance and b.random.random() < 0.7)]

    b.watch([dut.advance, dut.word, dut.word_ends, dut.padding, dut.last], check)
    b.run(lambda: at[0] > 2 * len(lanes))
