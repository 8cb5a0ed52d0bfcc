"""State transfers: a layer's counters, and the choice of a space."""

import random

import pytest

from bephw.rtl_gen.weights.counter_memory import Operation
from bephw.rtl_gen.weights.transfer import CounterTransfer, TransferRouter
from bephw.shape import LayerShape

SHAPES = [(1, 1, 1, 1), (5, 3, 4, 2), (12, 2, 4, 4), (9, 2, 8, 2)]


class Setup:
    """A transfer in front of a model of the counter memory: words of lanes, and a result register."""

    def __init__(self, bench, size, stall, values):
        inputs, outputs, columns, update = size
        self.shape = LayerShape(0, inputs, outputs, 1, columns, update)
        self.dut = dut = CounterTransfer(self.shape, 5)
        self.bench = b = bench(dut, seed=inputs)
        self.words = [[0] * update for _ in range(self.shape.counter_words)]
        self.result, self.working, self.shifted = [0] * update, 0, []
        self.source, self.dumps = b.source(dut.transfer.loads, values, stall), b.sink(dut.transfer.dumps, stall)
        operations = dut.operations
        b.watch([operations.valid, operations.ready, operations.payload, dut.shift, dut.value], self._operate)
        b.set(operations.ready, 1)

    def _operate(self, valid, ready, operation, shift, value):
        """Operations take 5 cycles, in which nothing is quiet; a shift shows a cycle late."""
        self.working = max(self.working - 1, 0)
        assert not (shift and self.working)
        self.result = [*self.result, *self.shifted][len(self.shifted) :]
        self.shifted = [value] if shift else []
        if valid and ready:
            assert not self.shifted or operation["kind"] is Operation.FETCH
            self.shifted = []
            assert not self.working
            self.working = 5
            if operation["kind"] is Operation.STORE:
                self.result = [*self.result[1:], value]
                self.words[operation["word"]] = self.result
            else:
                assert operation["kind"] is Operation.FETCH
                self.result = self.words[operation["word"]]
        dut = self.dut
        ready = self.bench.random.random() < 0.7
        return [(dut.quiet, not self.working), (dut.counter, self.result[0]), (dut.operations.ready, ready)]

    async def transfer(self, ctx, signal):
        ctx.set(signal, 1)
        await ctx.tick()
        ctx.set(signal, 0)
        loading = ctx.get(self.dut.loading)
        while ctx.get(self.dut.transfer.busy):
            assert ctx.get(self.dut.loading) == loading
            await ctx.tick()
        assert not ctx.get(self.dut.loading)
        await self.bench.wait(ctx, 2)
        return loading


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_counters_come_and_go_in_row_major_order(bench, size, stall):
    generator = random.Random(1)
    count = size[0] * size[1]
    values = [generator.choice([-16, 15, 0, -1, generator.randrange(-16, 16)]) for _ in range(2 * count)]
    setup = Setup(bench, size, stall, [*values, 3])
    shape, finished = setup.shape, []

    async def script(ctx):
        for load in (values[:count], values[count:]):
            assert await setup.transfer(ctx, setup.dut.transfer.load)
            for index, value in enumerate(load):
                j, k = divmod(index, shape.inputs)
                word = setup.words[j * shape.row_chunks + k // shape.update_columns]
                assert word[k % shape.update_columns] == value
            setup.dumps.beats.clear()
            assert not await setup.transfer(ctx, setup.dut.transfer.dump)
            assert setup.dumps.beats == load
        assert len(setup.source.taken) == 2 * count
        finished.append(1)

    setup.bench.process(script)
    setup.bench.run(lambda: finished)


@pytest.mark.parametrize("name", ["load", "dump"])
def test_a_transfer_starts_when_nothing_is_on_its_way(bench, name):
    setup = Setup(bench, (5, 3, 4, 2), 0.0, range(15))
    setup.working = 30
    waited = []

    async def script(ctx):
        ctx.set(getattr(setup.dut.transfer, name), 1)
        await ctx.tick()
        ctx.set(getattr(setup.dut.transfer, name), 0)
        await setup.bench.wait(ctx, 24)
        assert not setup.source.taken
        assert setup.working
        waited.append(1)

    setup.bench.process(script)
    setup.bench.run(lambda: waited)


class RouterSetup:
    """A router with model spaces of `lengths` elements."""

    def __init__(self, bench, widths, lengths, loads, stall):
        self.dut = dut = TransferRouter(widths)
        self.bench = b = bench(dut, seed=7)
        self.source, self.sink = b.source(dut.load, loads, stall), b.sink(dut.dump, stall)
        self.loaded = [[] for _ in widths]
        self.started = []
        for index, length in enumerate(lengths):
            b.process(self._space(index, length))

    def _space(self, index, length):
        space = getattr(self.dut, f"space_{index}")
        own = self.loaded[index]

        async def process(ctx):
            while True:
                _, _, load, dump = await ctx.tick().sample(space.load, space.dump)
                if not load and not dump:
                    continue
                self.started.append((index, "dump" if dump else "load"))
                ctx.set(space.busy, 1)
                if load:
                    own.clear()
                    ctx.set(space.loads.ready, 1)
                    while len(own) < length:
                        _, _, valid, value = await ctx.tick().sample(space.loads.valid, space.loads.payload)
                        if valid:
                            own.append(value)
                    ctx.set(space.loads.ready, 0)
                else:
                    for value in own:
                        ctx.set(space.dumps.payload, value)
                        ctx.set(space.dumps.valid, 1)
                        ready = 0
                        while not ready:
                            _, _, ready = await ctx.tick().sample(space.dumps.ready)
                        ctx.set(space.dumps.valid, 0)
                ctx.set(space.busy, 0)

        return process

    async def transfer(self, ctx, space, dumping):
        for signal, value in ((self.dut.start, 1), (self.dut.space, space), (self.dut.dumping, dumping)):
            ctx.set(signal, value)
        await ctx.tick()
        ctx.set(self.dut.start, 0)
        ctx.set(self.dut.space, 0)
        ctx.set(self.dut.dumping, 0)
        await ctx.tick()
        while ctx.get(self.dut.busy):
            await ctx.tick()
        await self.bench.wait(ctx, 3)


@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_router(bench, stall):
    """Elements arrive in the space that was named, cut to its width; dumps come back sign-extended."""
    loads = [0x12345671, 0xFFFFFFFF, 8, 0x80, 0x7F, 1, 0, 1]
    setup = RouterSetup(bench, [4, 8, 1], [3, 2, 3], loads, stall)
    finished = []

    async def script(ctx):
        for space in (0, 1, 2):
            await setup.transfer(ctx, space, 0)
        assert setup.loaded == [[1, -1, -8], [-128, 127], [-1, 0, -1]]
        for space in (2, 0, 1):
            await setup.transfer(ctx, space, 1)
        everything = [value for space in (2, 0, 1) for value in setup.loaded[space]]
        assert setup.sink.beats == [value % (1 << 32) for value in everything]
        assert setup.started == [(0, "load"), (1, "load"), (2, "load"), (2, "dump"), (0, "dump"), (1, "dump")]
        finished.append(1)

    setup.bench.process(script)
    setup.bench.run(lambda: finished)


@pytest.mark.parametrize("space", [2, 3, 4, 0xFFFF, 0x100])
def test_a_space_that_does_not_exist_starts_nothing(bench, space):
    setup = RouterSetup(bench, [4, 1], [3, 2], [1, 2, 3], 0.0)
    finished = []

    async def script(ctx):
        for dumping in (0, 1):
            await setup.transfer(ctx, space, dumping)
        assert not setup.started
        assert not setup.source.taken
        # Nor does it keep the next one from working.
        await setup.transfer(ctx, 0, 0)
        assert setup.loaded[0] == [1, 2, 3]
        finished.append(1)

    setup.bench.process(script)
    setup.bench.run(lambda: finished)
