"""A pipeline that stands still is as a list of the cycles in which it moves."""

from hypothesis import given
from hypothesis import strategies as st

from bephw.plan.pipeline import Pipeline

HOLDS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 5)), max_size=8)


@given(HOLDS, st.integers(0, 40), st.integers(1, 10))
def test_moves_are_counted(gaps, cycle, moves):
    pipeline, standing, now = Pipeline(), set(), 0
    for gap, length in gaps:
        arrived = now + gap
        pipeline.hold(arrived, arrived + length)
        standing |= set(range(arrived, arrived + length))
        now = arrived + length
    moving = [at for at in range(cycle, cycle + 200) if at not in standing]
    assert pipeline.moving(cycle) == moving[0]
    assert pipeline.after(moving[0], moves) == moving[moves - 1] + 1 or pipeline.after(moving[0], moves) == next(
        at for at in range(moving[moves - 1] + 1, 400)
    )
