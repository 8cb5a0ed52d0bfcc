"""The records between components: fields, and room for every value that must fit."""

import pytest
from amaranth.hdl import *

from bephw.rtl_gen.parts import layouts
from bephw.shape import LayerShape

SHAPES = [
    LayerShape(0, 1, 1, 1, 1, 1),
    LayerShape(0, 7, 5, 3, 4, 2),
    LayerShape(0, 784, 255, 8, 56, 14),
    LayerShape(0, 65535, 65535, 1, 16, 16),
]


def widths(layout):
    return {name: Shape.cast(field.shape).width for name, field in layout}


@pytest.mark.parametrize("classes", [2, 3, 10, 65535])
def test_labels_fit(classes):
    label = widths(layouts.tag_layout(classes))["label"]
    assert (classes - 1) >> label == 0
    assert widths(layouts.sample_layout(8, classes)) == {"data": 8, "label": label}
    chunk = widths(layouts.chunk_layout(5, classes))
    assert chunk == {"data": 5, "last": 1, "tag": label + 1}


@pytest.mark.parametrize("shape", SHAPES)
def test_positions_fit(shape):
    row = widths(layouts.row_layout(shape))
    assert (-(-shape.outputs // shape.rows) - 1) >> row["group"] == 0
    assert (shape.rows - 1) >> row["bank"] == 0
    element = widths(layouts.element_layout(shape))
    words = shape.outputs * -(-shape.inputs // shape.columns) * (shape.columns // shape.update_columns)
    assert (words - 1) >> element["word"] == 0
    assert (shape.update_columns - 1) >> element["lane"] == 0
    assert shape.inputs >> widths(layouts.outcome_layout(shape))["magnitude"] == 0
    assert widths(layouts.winner_layout(shape)) == {
        **dict.fromkeys(("present", "end", "learn", "desired"), 1),
        "row": sum(row.values()),
    }


def test_lessons():
    assert widths(layouts.lesson_layout(9)) == {"data": 9, "teach": 1, "learn": 1, "last": 1}
