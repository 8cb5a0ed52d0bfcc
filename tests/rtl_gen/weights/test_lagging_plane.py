"""Three planes of visible weights that go round."""

import pytest

from bephw.rtl_gen.weights.lagging_plane import PLANES, LaggingPlane
from bephw.shape import LayerShape

COLUMNS = 4


class Setup:
    """A plane and its model: the weights as they are written, and as they were when each plane was left alone.

    All reads of the forward pass are checked, each two cycles after its address, and some of the error propagation's.
    """

    def __init__(self, bench, outputs, rows, words, banked, seed):
        self.shape = shape = LayerShape(0, words * COLUMNS, outputs, rows, COLUMNS, 1)
        self.dut = dut = LaggingPlane(shape, banked=banked)
        self.bench = b = bench(dut, seed)
        self.banked, self.size = banked, shape.groups * words
        self.weights = [[0] * rows for _ in range(self.size)]
        self.forward_plane = self.backward_plane = self.weights
        self.asked, self.checked = [], 0
        b.watch([dut.forward.data], self._check)
        b.watch([dut.forward.address, dut.forward.base, dut.forward.step], self._ask)

    def _ask(self, address, base, step):
        self.asked.append(list(self.forward_plane[address - base]) if step else None)

    def _check(self, data):
        if len(self.asked) >= 2 and self.asked[-2] is not None:
            assert data == self.asked[-2]
            self.checked += 1

    async def advance(self, ctx, *names):
        for name in names:
            ctx.set(getattr(self.dut, f"next_{name}"), 1)
        await ctx.tick()
        for name in names:
            ctx.set(getattr(self.dut, f"next_{name}"), 0)

    async def forward(self, ctx, copies=False):
        """A sample's forward pass."""
        port = self.dut.forward
        base = ctx.get(port.base)
        for number in range(self.size):
            ctx.set(self.dut.copies, copies)
            ctx.set(port.address, base + number)
            ctx.set(port.step, 1)
            ctx.set(port.final, number == self.size - 1)
            await ctx.tick()
            ctx.set(port.step, 0)
            ctx.set(self.dut.copies, 0)

    async def backward(self, ctx):
        """A word of each bank."""
        port = self.dut.backward
        base = ctx.get(port.base)
        own = [self.bench.random.randrange(self.size) for _ in range(self.shape.rows)]
        ctx.set(port.address, [base + word for word in own])
        await self.bench.wait(ctx, 2)
        assert ctx.get(port.data) == [self.backward_plane[word][bank] for bank, word in enumerate(own)]

    async def write(self, ctx, address, bank, value):
        dut = self.dut
        self.weights[address][bank] = value
        ctx.set(dut.write, 1)
        ctx.set(dut.write_address, address)
        ctx.set(dut.write_bank, bank)
        ctx.set(dut.write_data, value)
        await ctx.tick()
        ctx.set(dut.write, 0)

    async def write_rows(self, ctx, share):
        """Whole rows, word by word, as updates do."""
        chance = self.bench.random
        for output in range(self.shape.outputs):
            group, bank = divmod(output, self.shape.rows)
            if chance.random() >= share:
                continue
            for word in range(self.shape.words):
                address, value = group * self.shape.words + word, chance.getrandbits(COLUMNS)
                await self.write(ctx, address, bank, value)
                while chance.random() < 0.2:
                    await ctx.tick()
        await ctx.tick()  # a write is complete a cycle later

    async def write_alike(self, ctx):
        """Every row, as it is: so that all planes hold the same."""
        for output in range(self.shape.outputs):
            group, bank = divmod(output, self.shape.rows)
            for word in range(self.shape.words):
                address = group * self.shape.words + word
                await self.write(ctx, address, bank, self.weights[address][bank])
        await ctx.tick()

    def shown(self):
        return [list(words) for words in self.weights]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("outputs", "rows", "words"), [(4, 2, 2), (5, 3, 3), (1, 1, 1), (3, 1, 2), (6, 3, 1)])
@pytest.mark.parametrize("banked", [False, True])
def test_batches_read_the_signs_after_the_last_but_one(bench, outputs, rows, words, banked, seed):
    """Batch after batch: some of a batch's rows are written before the next one's first pass copies, some after it."""
    setup = Setup(bench, outputs, rows, words, banked, seed)
    chance = setup.bench.random

    async def script(ctx):
        for _ in range(PLANES):  # all planes alike: nothing is known of their rows yet
            await setup.write_alike(ctx)
            await setup.advance(ctx, "live")
        before = last = setup.shown()  # after the last but one, and after the last batch
        setup.forward_plane = setup.backward_plane = before
        for share in (0.5, 0.0, 0.2, 0.0, 0.0, 1.0, 0.1, 0.6, 0.0, 0.3):
            await setup.write_rows(ctx, share)
            setup.forward_plane = last
            await setup.advance(ctx, "forward")
            await setup.forward(ctx, copies=True)
            await setup.bench.wait(ctx, 4)
            assert ctx.get(setup.dut.copied)
            await setup.write_rows(ctx, chance.choice([0.0, share]))
            await setup.forward(ctx)
            if banked:
                await setup.backward(ctx)  # still of the batch before
                setup.backward_plane = last
                await setup.advance(ctx, "backward")
                await setup.backward(ctx)
            last = setup.shown()
            await setup.advance(ctx, "live")
            assert not ctx.get(setup.dut.copied)
        await setup.bench.wait(ctx, 3)

    setup.bench.script(script)
    assert setup.checked == setup.size * 20
