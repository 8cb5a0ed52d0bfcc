"""Lists of open rows, one set being filled while another is read."""

import pytest

from bephw.rtl_gen.compact.open_rows import OpenRows
from bephw.shape import LayerShape


@pytest.mark.parametrize(("outputs", "rows", "words"), [(1, 1, 1), (7, 3, 2), (6, 1, 3), (8, 4, 1), (4, 4, 2)])
@pytest.mark.parametrize("pace", [0.0, 0.5, 0.9])
def test_every_set_is_read_back(bench, outputs, rows, words, pace):
    shape = LayerShape(0, words * 2, outputs, rows, 2, 1)
    dut = OpenRows(shape)
    b = bench(dut, seed=outputs)
    density = [1.0, 0.0, 0.5, 0.5, 0.2, 0.8, 0.5, 1.0, 0.0, 0.3]
    sets = [
        (
            [(j, b.random.randrange(2)) for j in range(outputs) if b.random.random() < share],
            b.random.randrange(2),
            b.random.randrange(2),
        )
        for share in density
    ]
    opened = [0, 0]  # sets closed, sets released

    async def fill(ctx):
        for pushes, teach, learn in sets:
            while not ctx.get(dut.free):
                assert opened[0] - opened[1] == 2
                await ctx.tick()
            for j, desired in pushes:
                ctx.set(dut.push, 1)
                ctx.set(dut.push_row, {"group": j // rows, "bank": j % rows})
                ctx.set(dut.push_desired, desired)
                await ctx.tick()
                ctx.set(dut.push, 0)
                if b.random.random() < 0.2:
                    await ctx.tick()
            ctx.set(dut.close, 1)
            ctx.set(dut.close_teach, teach)
            ctx.set(dut.close_learn, learn)
            await ctx.tick()
            ctx.set(dut.close, 0)
            opened[0] += 1

    async def read(ctx):
        for pushes, teach, learn in sets:
            while not ctx.get(dut.available) or b.random.random() < pace:
                await ctx.tick()
            lists = [[push for push in pushes if push[0] % rows == bank] for bank in range(rows)]
            assert (ctx.get(dut.teach), ctx.get(dut.learn)) == (teach, learn)
            assert [ctx.get(dut.counts[bank]) for bank in range(rows)] == [len(own) for own in lists]
            for index in range(max(map(len, lists))):
                ctx.set(dut.read, 1)
                ctx.set(dut.read_index, index)
                await ctx.tick()
                ctx.set(dut.read, 0)
                for bank, own in enumerate(lists):
                    if index < len(own):
                        j, desired = own[index]
                        assert ctx.get(dut.rows[bank].plane) == j // rows * shape.words
                        assert ctx.get(dut.rows[bank].desired) == desired
            ctx.set(dut.release, 1)
            await ctx.tick()
            ctx.set(dut.release, 0)
            opened[1] += 1

    b.process(fill)
    b.process(read)
    b.run(lambda: opened == [len(sets)] * 2)


def test_two_sets_and_no_more(bench):
    dut = OpenRows(LayerShape(0, 2, 4, 2, 2, 1))
    b = bench(dut)

    async def script(ctx):
        async def pulse(signal):
            ctx.set(signal, 1)
            await ctx.tick()
            ctx.set(signal, 0)

        assert ctx.get(dut.free)
        assert not ctx.get(dut.available)
        await pulse(dut.close)
        assert ctx.get(dut.free)
        assert ctx.get(dut.available)
        await pulse(dut.close)
        assert not ctx.get(dut.free)
        await pulse(dut.release)
        assert ctx.get(dut.free)
        ctx.set(dut.close, 1)
        await pulse(dut.release)  # both at once: one stays
        ctx.set(dut.close, 0)
        assert ctx.get(dut.free)
        assert ctx.get(dut.available)
        await pulse(dut.release)
        assert not ctx.get(dut.available)

    b.script(script)
