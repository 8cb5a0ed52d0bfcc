"""Lists of open rows, one set being filled while another is read."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.backward.open_rows import OpenRows
from bephw.shape import LayerShape
from tests.rtl_gen.backward.geometries import geometries


class Setup:
    """Sets of random rows (opened, teach, learn), filled and read by two processes of their own."""

    def __init__(self, bench, shape, gamma, *, fill_pause=0.0, read_pause=0.0, seed=0):
        self.dut = OpenRows(shape, gamma)
        self.bench = b = bench(self.dut, seed)
        self.shape, self.gamma = shape, gamma
        self.fill_pause, self.read_pause = fill_pause, read_pause
        self.sets = [self._set(share) for share in (1.0, 0.0, 0.5, 0.5, 0.2, 0.8, 0.5, 1.0, 0.0, 0.3)]
        self.started, self.closed, self.released = 0, 0, 0
        b.process(self._fill)
        b.process(self._read)
        dut = self.dut
        b.watch([dut.start, dut.close, dut.release, dut.free, dut.available], self._check_places)

    def _set(self, share):
        """A sample; one that does not teach has no open rows."""
        generator = self.bench.random
        teach = int(generator.random() < 0.8)
        opened = {j: generator.randrange(2) for j in range(self.shape.outputs) if generator.random() < share}
        return opened if teach else {}, teach, generator.randrange(2)

    def _check_places(self, start, close, release, free, available):
        assert free == (self.started - self.released < 2)
        assert not available or self.closed > self.released
        self.started += start
        self.closed += close
        self.released += release

    async def _fill(self, ctx):
        dut, generator = self.dut, self.bench.random
        for opened, teach, learn in self.sets:
            while not ctx.get(dut.free):
                await ctx.tick()
            ctx.set(dut.start, 1)
            slices = self.shape.slices(self.gamma) if teach else [range(0)]
            late = generator.randrange(2)  # a close after the last push
            for index, outputs in enumerate([*slices, range(0)] if late else slices):
                pushed = [position for position, j in enumerate(outputs) if j in opened]
                ctx.set(dut.push, sum(1 << position for position in pushed))
                ctx.set(
                    dut.push_row, {"group": outputs.start // self.shape.rows, "bank": outputs.start % self.shape.rows}
                )
                desired = generator.getrandbits(len(dut.push))
                for position in pushed:
                    desired = desired & ~(1 << position) | opened[outputs[position]] << position
                ctx.set(dut.push_desired, desired)
                if index == len(slices) - 1 + late:
                    ctx.set(dut.close, 1)
                    ctx.set(dut.close_teach, teach)
                    ctx.set(dut.close_learn, learn)
                await ctx.tick()
                for signal in (dut.start, dut.push, dut.close):
                    ctx.set(signal, 0)
                while generator.random() < self.fill_pause:
                    await ctx.tick()

    async def _read(self, ctx):
        dut, generator, rows = self.dut, self.bench.random, self.shape.rows
        for opened, teach, learn in self.sets:
            while not ctx.get(dut.available) or generator.random() < self.read_pause:
                await ctx.tick()
            lists = [[j for j in sorted(opened) if j % rows == bank] for bank in range(rows)]
            assert (ctx.get(dut.teach), ctx.get(dut.learn)) == (teach, learn)
            assert [ctx.get(dut.counts[bank]) for bank in range(rows)] == [len(own) for own in lists]
            assert ctx.get(dut.odd) == len(opened) % 2
            for index in range(max(map(len, lists))):
                ctx.set(dut.read, 1)
                ctx.set(dut.read_index, index)
                await ctx.tick()
                ctx.set(dut.read, 0)
                for bank, own in enumerate(lists):
                    if index < len(own):
                        assert ctx.get(dut.rows[bank].plane) == own[index] // rows * self.shape.words
                        assert ctx.get(dut.rows[bank].desired) == opened[own[index]]
            ctx.set(dut.release, 1)
            await ctx.tick()
            ctx.set(dut.release, 0)

    def run(self):
        self.bench.run(lambda: self.released == len(self.sets))


@settings(max_examples=40)
@given(
    geometry=geometries(),
    fill_pause=st.sampled_from([0.0, 0.3]),
    read_pause=st.sampled_from([0.0, 0.5, 0.95]),
    seed=st.integers(0, 99),
)
def test_every_set_is_read_back(bench, geometry, fill_pause, read_pause, seed):
    Setup(bench, *geometry, fill_pause=fill_pause, read_pause=read_pause, seed=seed).run()


def test_two_sets_and_no_more(bench):
    dut = OpenRows(LayerShape(0, 2, 4, 2, 2, 1), 2)
    b = bench(dut)

    async def script(ctx):
        async def pulse(*signals):
            for signal in signals:
                ctx.set(signal, 1)
            await ctx.tick()
            for signal in signals:
                ctx.set(signal, 0)
            return ctx.get(dut.free), ctx.get(dut.available)

        assert (ctx.get(dut.free), ctx.get(dut.available)) == (1, 0)
        assert await pulse(dut.start) == (1, 0)
        assert await pulse(dut.start) == (0, 0)
        assert await pulse(dut.close) == (0, 0)
        assert await pulse(dut.close) == (0, 1)  # two cycles after the first close
        await b.wait(ctx, 2)
        assert await pulse(dut.release) == (1, 1)  # the one that waited follows without a gap
        assert await pulse(dut.release, dut.start) == (1, 0)
        assert await pulse(dut.start) == (0, 0)

    b.script(script)
