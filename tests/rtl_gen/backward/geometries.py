"""Shapes of layers at random."""

from hypothesis import strategies as st

from bephw.shape import LayerShape


@st.composite
def geometries(draw):
    """A shape and a gamma that divides its outputs."""
    outputs = draw(st.integers(1, 24))
    rows = draw(st.integers(1, outputs))
    words = draw(st.one_of(st.just(1), st.integers(1, 5)))
    gamma = draw(st.sampled_from([size for size in range(1, outputs + 1) if outputs % size == 0]))
    return LayerShape(0, words * 2 - draw(st.integers(0, 1)), outputs, rows, 2, 1), gamma
