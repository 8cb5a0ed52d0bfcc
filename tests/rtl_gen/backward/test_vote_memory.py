"""How rows vote, one set being filled while another is read."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.backward.vote_memory import VoteMemory
from bephw.shape import LayerShape


def votes_of(shape, opened):
    """(present, wishes) of every row group: an open row its desired bit, closed ones 0 and 1 by turns."""
    groups, closed = [[0, 0] for _ in range(shape.groups)], 0
    for j in range(shape.outputs):
        group, bank = groups[j // shape.rows], j % shape.rows
        if j in opened:
            group[0] |= 1 << bank
            group[1] |= opened[j] << bank
        else:
            group[1] |= (closed % 2) << bank
            closed += 1
    return groups


@st.composite
def geometries(draw):
    """A shape, of a layer or of a cell, and a gamma that divides its outputs."""
    outputs = draw(st.integers(1, 20))
    rows = draw(st.integers(1, outputs))
    words = draw(st.integers(1, 5))
    gamma = draw(st.sampled_from([size for size in range(1, outputs + 1) if outputs % size == 0]))
    steps = draw(st.sampled_from([None, 1, 5]))
    inputs = words * 2 if steps is None else words * 2 + outputs
    return LayerShape(0, inputs, outputs, rows, 2, 1, steps, slots=draw(st.integers(1, 4)), samples=2), gamma


class Setup:
    """Sets of random rows (opened, teach, learn, of a cell the step), filled and read by two processes of their own."""

    def __init__(self, bench, shape, gamma, *, fill_pause, read_pause, seed=0):
        self.dut = VoteMemory(shape, gamma)
        self.bench = b = bench(self.dut, seed)
        self.shape, self.gamma = shape, gamma
        self.fill_pause, self.read_pause = fill_pause, read_pause
        self.sets = [self._set(share) for share in (1.0, 0.0, 0.5, 0.5, 0.2, 0.8)]
        self.read = 0
        b.process(self._fill)
        b.process(self._read)

    def _set(self, share):
        generator = self.bench.random
        opened = {j: generator.randrange(2) for j in range(self.shape.outputs) if generator.random() < share}
        steps = self.shape.steps
        at = {"step": generator.randrange(steps), "slot": generator.randrange(self.shape.slots)} if steps else None
        return opened, int(generator.random() < 0.8), generator.randrange(2), at

    async def _fill(self, ctx):
        dut, generator = self.dut, self.bench.random
        for opened, teach, learn, at in self.sets:
            while not ctx.get(dut.free):
                await ctx.tick()
            ctx.set(dut.start, 1)
            slices = self.shape.slices(self.gamma) if teach else [range(0)]
            late = generator.randrange(2)  # a close after the last push
            for index, outputs in enumerate([*slices, range(0)] if late else slices):
                ctx.set(dut.push_inside, (1 << len(outputs)) - 1)
                ctx.set(dut.push, sum(1 << position for position, j in enumerate(outputs) if j in opened))
                ctx.set(
                    dut.push_row, {"group": outputs.start // self.shape.rows, "bank": outputs.start % self.shape.rows}
                )
                desired = generator.getrandbits(len(dut.push))
                for position, j in enumerate(outputs):
                    if j in opened:
                        desired = desired & ~(1 << position) | opened[j] << position
                ctx.set(dut.push_desired, desired)
                if index == len(slices) - 1 + late:
                    ctx.set(dut.close, 1)
                    ctx.set(dut.close_teach, teach)
                    ctx.set(dut.close_learn, learn)
                    if at:
                        ctx.set(dut.close_at, at)
                await ctx.tick()
                for signal in (dut.start, dut.push_inside, dut.push, dut.close):
                    ctx.set(signal, 0)
                while generator.random() < self.fill_pause:
                    await ctx.tick()

    async def _read(self, ctx):
        reader, generator = self.dut.reader, self.bench.random
        for opened, teach, learn, at in self.sets:
            while not ctx.get(reader.available) or generator.random() < self.read_pause:
                await ctx.tick()
            assert (ctx.get(reader.teach), ctx.get(reader.learn)) == (teach, learn)
            assert at is None or {name: ctx.get(getattr(reader.at, name)) for name in at} == at
            if teach:
                assert ctx.get(reader.odd) == len(opened) % 2
                for group, (present, wishes) in enumerate(votes_of(self.shape, opened)):
                    ctx.set(reader.group, group)
                    await ctx.tick()
                    assert (ctx.get(reader.votes.present), ctx.get(reader.votes.wishes)) == (present, wishes)
            ctx.set(reader.release, 1)
            await ctx.tick()
            ctx.set(reader.release, 0)
            self.read += 1


@settings(max_examples=25)
@given(geometry=geometries(), pauses=st.sampled_from([(0.0, 0.0), (0.5, 0.0), (0.0, 0.5)]), seed=st.integers(0, 99))
def test_every_set_is_read_back(bench, geometry, pauses, seed):
    setup = Setup(bench, *geometry, fill_pause=pauses[0], read_pause=pauses[1], seed=seed)
    setup.bench.run(lambda: setup.read == len(setup.sets))
