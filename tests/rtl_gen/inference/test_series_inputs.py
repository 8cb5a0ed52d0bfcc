"""Inputs of samples of several steps: written in order, read sample by sample, in any order of their steps."""

import pytest

from bephw.rtl_gen.inference.series_inputs import SeriesInputs


@pytest.mark.parametrize(("words", "steps", "slots"), [(1, 1, 2), (3, 4, 2), (2, 5, 3)])
def test_every_step_is_found(bench, words, steps, slots):
    """Rounds of `slots` samples of random lengths, each of which is written, then read in turns."""
    dut = SeriesInputs(8, words, steps, slots)
    b = bench(dut, seed=steps)

    async def script(ctx):
        for _ in range(4):
            lengths = [b.random.randint(1, steps) for _ in range(slots)]
            content = [[[b.random.getrandbits(8) for _ in range(words)] for _ in range(n)] for n in lengths]
            for sample in content:
                flat = [word for step in sample for word in step]
                for place, word in enumerate(flat):
                    ctx.set(dut.write, 1)
                    ctx.set(dut.written, word)
                    ctx.set(dut.whole, place == len(flat) - 1)
                    await ctx.tick()
                ctx.set(dut.write, 0)
                await ctx.tick()
            left = {slot: list(range(n)) for slot, n in enumerate(lengths)}
            while left:
                slot = b.random.choice(list(left))
                step = left[slot].pop(0)
                ctx.set(dut.slot, slot)
                for index in range(words):
                    ctx.set(dut.index, index)
                    await ctx.tick()
                    assert ctx.get(dut.data) == content[slot][step][index]
                ctx.set(dut.next_step, 1)
                ctx.set(dut.done, not left[slot])
                await ctx.tick()
                ctx.set(dut.next_step, 0)
                if not left[slot]:
                    del left[slot]

    b.script(script)
