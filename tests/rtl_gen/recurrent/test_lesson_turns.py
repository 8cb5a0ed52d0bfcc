"""Lessons from above and from the cell itself, in their order."""

import pytest

from bephw.rtl_gen.recurrent.lesson_turns import LessonTurns


def order(teaching, steps):
    """For each lesson of samples that teach, or do not: whether it is the cell's own, and its step."""
    for teach in teaching:
        yield False, steps - 1
        if teach:
            yield from ((True, step) for step in reversed(range(steps - 1)))


@pytest.mark.parametrize(("most", "steps"), [(1, 1), (2, 2), (5, 5), (5, 1), (6, 3)])
def test_order(bench, most, steps):
    dut = LessonTurns(most)
    b = bench(dut, seed=most)
    teaching = [b.random.randrange(2) for _ in range(20)]
    lessons = list(order(teaching, steps))
    firsts = iter(teaching)

    async def script(ctx):
        ctx.set(dut.steps, steps)
        for own, step in lessons:
            teach = 1 if own else next(firsts)
            await b.wait(ctx, b.random.randrange(3))
            ctx.set(dut.teach, teach)
            assert (bool(ctx.get(dut.own)), ctx.get(dut.step)) == (own, step)
            ctx.set(dut.consumed, 1)
            await ctx.tick()
            ctx.set(dut.consumed, 0)
            ctx.set(dut.teach, b.random.randrange(2))

    b.script(script)
