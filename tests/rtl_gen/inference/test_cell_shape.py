"""The geometry and the pace of a cell, step by step, as the documents tell it."""

import pytest

from bephw.rtl_gen.inference.cell_shape import CellShape
from bephw.settings import Settings


def cell(inputs, state, rows, columns, stream_width, steps=9):
    return CellShape.of(
        Settings.build(
            network={"sizes": [inputs, state, 3], "classes": 2},
            learning={"algorithm": "bep-tt"},
            hardware={"rows": [rows, 1, 1], "columns": [columns, 1, 1], "stream_width": stream_width},
            data={"steps": steps},
        )
    )


def test_inputs_and_state_begin_words():
    shape = cell(10, 20, 4, 8, 4)
    assert (shape.input_words, shape.state_words) == (2, 3)
    assert (shape.padded.words, shape.padded.groups, shape.step_cycles) == (5, 5, 25)
    assert [list(beat) for beat in shape.divisions] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


@pytest.mark.parametrize(("width", "spacing"), [(4, 3), (16, 2), (1, 10)])
def test_a_step_leaves_before_the_next_but_one_comes(width, spacing):
    """A word of 8 columns is two beats of 4: there nothing is in the way."""
    assert cell(10, 20, 4, 8, width).beat_spacing == spacing


def test_times_of_a_narrow_fold():
    """One output a beat, four words: the state is back before the array has done with the step."""
    shape = cell(8, 24, 1, 8, 8)
    assert shape.step_cycles == 24 * 4
    array, last_beat, gathering = 3 + 1, 1, 1
    assert shape.forward_latency == 24 * 4 - 1 + array + last_beat
    back = 24 * 4 - 1 + array + last_beat + gathering - 4 + 2
    assert (shape.return_cycles, shape.in_turn) == (back, 2)
    assert shape.step_interval == 96
    assert shape.latency(5) == (1 + 2) + 4 * back + shape.forward_latency


def test_many_words_need_no_other_sample():
    shape = cell(80, 24, 2, 8, 8)
    assert shape.padded.words == 13
    assert (shape.return_cycles, shape.step_cycles, shape.in_turn) == (12 * 13, 12 * 13, 1)
    assert shape.slots_needed(9 * 12 * 13) == 2
