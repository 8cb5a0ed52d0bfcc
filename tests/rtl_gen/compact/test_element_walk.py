"""Row-major walk."""

import pytest

from bephw.rtl_gen.compact.element_walk import ElementWalk
from bephw.shape import LayerShape


@pytest.mark.parametrize(
    ("inputs", "outputs", "columns", "update"),
    [(1, 1, 1, 1), (5, 3, 4, 2), (9, 2, 8, 2), (12, 3, 4, 4), (7, 2, 6, 3), (3, 2, 8, 1)],
)
def test_visits_every_counter_in_order(bench, inputs, outputs, columns, update):
    shape = LayerShape(0, inputs, outputs, 1, columns, update)
    dut = ElementWalk(shape)
    b = bench(dut, seed=inputs)
    places = [
        ({"word": j * shape.row_chunks + k // update, "lane": k % update}, j == outputs - 1 and k == inputs - 1)
        for j in range(outputs)
        for k in range(inputs)
    ]
    at = [0]

    def check(advance, element, last):
        assert (element, last) == places[at[0] % len(places)]
        at[0] += advance
        return [(dut.advance, b.random.random() < 0.7)]

    b.watch([dut.advance, dut.element, dut.last], check)
    b.run(lambda: at[0] > 2 * len(places))
