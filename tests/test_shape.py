"""The geometry of a folded layer: every output leaves the array once, in order, and in time."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.shape import LayerShape, ceil_div, default_update_columns


@st.composite
def shapes(draw):
    inputs, outputs = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    rows, columns = draw(st.integers(1, outputs)), draw(st.integers(1, inputs))
    return LayerShape(0, inputs, outputs, rows, columns, default_update_columns(columns))


@st.composite
def shapes_and_gammas(draw):
    shape = draw(shapes())
    return shape, draw(st.sampled_from([g for g in range(1, shape.outputs + 1) if shape.outputs % g == 0]))


@given(shapes())
def test_beats_cover_all_outputs_once_in_order(shape):
    beats = shape.all_beats()
    assert [j for beat in beats for j in beat] == list(range(shape.outputs))
    assert len(beats) == shape.scan_beats
    assert all(1 <= len(beat) <= shape.scan for beat in beats)


@given(shapes())
def test_a_beat_belongs_to_one_row_group(shape):
    """Beat b of group g carries the outputs g * rows + b * scan + p, p below `scan`, that the group has."""
    for group in range(shape.groups):
        count = shape.last_beats if group == shape.groups - 1 else shape.beats
        for index in range(count):
            places = range(index * shape.scan, min((index + 1) * shape.scan, shape.rows))
            outputs = [group * shape.rows + place for place in places]
            assert list(shape.beat(group, index)) == [j for j in outputs if j < shape.outputs]


@given(shapes())
def test_outputs_leave_as_fast_as_they_are_computed(shape):
    assert shape.scan * shape.words >= shape.rows
    assert (shape.scan - 1) * shape.words < shape.rows, "no wider than it must be"
    assert 1 <= shape.last_beats <= shape.beats <= shape.words
    assert shape.scan_beats <= shape.forward_cycles


@given(shapes(), st.sampled_from([1, 2, 4, 8, 16]))
def test_bursts_cover_every_counter_of_a_row_once(shape, burst):
    shape, width = replace(shape, burst=burst), shape.update_columns
    most = 0
    for column in range(shape.inputs):
        begin = column // burst * burst
        counters = [i for i in range(shape.inputs) if i // burst == column // burst]
        chunks = sorted({i // width for i in counters})
        assert list(shape.burst_chunks(column)) == chunks
        most = max(most, len(chunks))
        # Seen from any of its words, the lanes that follow its begin are its own, up to the end of the row.
        for chunk in chunks:
            begins = [first for first in shape.burst_begins if first == begin - chunk * width]
            assert begins or (burst % width == 0 and 0 in shape.burst_begins)
            first = begins[0] if begins else 0
            lanes = {chunk * width + lane for lane in range(width) if first <= lane < first + burst}
            assert lanes & set(range(shape.inputs)) == set(counters) & set(range(chunk * width, (chunk + 1) * width))
    assert shape.burst_words == most


@given(shapes_and_gammas())
def test_slices_cover_all_outputs_once_in_order(shape_and_gamma):
    shape, gamma = shape_and_gamma
    slices = shape.slices(gamma)
    assert [j for piece in slices for j in piece] == list(range(shape.outputs))
    assert len(slices) == shape.scan_beats * shape.parts(gamma)
    assert all(len(piece) <= shape.slice_width(gamma) <= min(shape.scan, gamma) for piece in slices)


@given(shapes_and_gammas())
def test_slices_are_parts_of_beats(shape_and_gamma):
    shape, gamma = shape_and_gamma
    parts, slices = shape.parts(gamma), shape.slices(gamma)
    for index, beat in enumerate(shape.all_beats()):
        own = slices[index * parts : (index + 1) * parts]
        assert [j for piece in own for j in piece] == list(beat)
        assert len(own[0]) > 0, "the first slice of a beat is never empty"


@given(shapes_and_gammas())
def test_at_most_one_winner_group_ends_inside_a_slice(shape_and_gamma):
    """So a slice touches at most two winner groups, and at most one ends in it, be it with its last output."""
    shape, gamma = shape_and_gamma
    for piece in shape.slices(gamma):
        assert len({j // gamma for j in piece}) <= 2
        assert sum((j + 1) % gamma == 0 for j in piece) <= 1


@given(shapes())
def test_words_and_counters(shape):
    assert (shape.groups - 1) * shape.rows < shape.outputs <= shape.groups * shape.rows
    assert (shape.words - 1) * shape.columns < shape.inputs <= shape.words * shape.columns
    assert shape.forward_cycles == shape.groups * shape.words
    assert shape.row_chunks * shape.update_columns == shape.words * shape.columns
    assert shape.counter_words == shape.outputs * shape.row_chunks
    assert shape.inputs >> shape.z_bits == 0


@st.composite
def cells(draw):
    inputs, outputs = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    rows, columns = draw(st.integers(1, outputs)), draw(st.integers(1, inputs + outputs))
    return LayerShape(0, inputs + outputs, outputs, rows, columns, 1, draw(st.integers(1, 9))), inputs


@given(cells())
def test_a_cell_passes_its_state_on(cell_and_inputs):
    shape, inputs = cell_and_inputs
    assert [*shape.passed_on] == [*range(inputs, inputs + shape.outputs)]
    assert [*shape.passed_on_words] == sorted({k // shape.columns for k in shape.passed_on})


@given(shapes())
def test_other_layers_pass_all_inputs_on(shape):
    assert [*shape.passed_on] == [*range(shape.inputs)]
    assert [*shape.passed_on_words] == [*range(shape.words)]


@given(cells())
def test_row_groups_of_a_cell_leave_whole(cell_and_inputs):
    """Each step's lesson waits for the one after it: its winner search must be short."""
    shape, _ = cell_and_inputs
    assert [j for beat in shape.all_beats() for j in beat] == list(range(shape.outputs))
    assert shape.scan_beats == shape.groups
    assert [len(beat) for beat in shape.all_beats()[:-1]] == [shape.rows] * (shape.groups - 1)


@pytest.mark.parametrize(("dividend", "divisor", "quotient"), [(0, 3, 0), (1, 3, 1), (3, 3, 1), (4, 3, 2)])
def test_ceil_div(dividend, divisor, quotient):
    assert ceil_div(dividend, divisor) == quotient


@pytest.mark.parametrize(("columns", "expected"), [(1, 1), (16, 16), (17, 1), (56, 14), (64, 16), (34, 2)])
def test_default_update_columns(columns, expected):
    assert default_update_columns(columns) == expected
