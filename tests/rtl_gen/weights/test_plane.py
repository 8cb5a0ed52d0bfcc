"""Frozen and live visible weights."""

import pytest

from bephw.rtl_gen.weights.plane import VisiblePlane
from bephw.shape import LayerShape

COLUMNS = 4


class Setup:
    """A plane and its model: the weights as the counters have them, and the copy of them that the readers see.

    All reads are checked, each two cycles after its address.
    """

    def __init__(self, bench, outputs, rows, words, banked, seed=0, **options):
        self.shape = shape = LayerShape(0, words * COLUMNS, outputs, rows, COLUMNS, 1)
        self.dut = dut = VisiblePlane(shape, banked=banked, **options)
        self.bench = b = bench(dut, seed)
        self.banked = banked
        self.size = shape.groups * shape.words
        self.weights = [[0] * rows for _ in range(self.size)]
        self.frozen = [[0] * rows for _ in range(self.size)]
        self.asked, self.checked = [], 0
        b.watch([dut.forward.data, *([dut.backward.data] if banked else [])], self._check)
        b.watch([dut.forward.address, dut.forward.step], self._ask)
        if banked:
            b.watch([dut.forward.step], self._read_backwards)
        self.addresses = [0] * rows

    def _ask(self, address, step):
        """What the readers have to see two cycles from now."""
        forward = list(self.frozen[address]) if step else None
        backward = [self.frozen[own][bank] for bank, own in enumerate(self.addresses)]
        self.asked.append((forward, backward))

    def _read_backwards(self, _):
        self.addresses = [self.bench.random.randrange(self.size) for _ in self.addresses]
        return [(self.dut.backward.address, self.addresses)]

    def _check(self, forward, backward=None):
        if len(self.asked) < 2:
            return
        wanted_forward, wanted_backward = self.asked[-2]
        if wanted_forward is not None:
            assert forward == wanted_forward
            self.checked += 1
        if self.banked:
            assert backward == wanted_backward

    async def forward(self, ctx, pause=0.0):
        """One sample's forward pass. In the pauses the address is noise."""
        dut = self.dut.forward
        for address in range(self.size):
            while self.bench.random.random() < pause:
                ctx.set(dut.address, self.bench.random.randrange(self.size))
                await ctx.tick()
            ctx.set(dut.address, address)
            ctx.set(dut.step, 1)
            ctx.set(dut.final, address == self.size - 1)
            await ctx.tick()
            ctx.set(dut.step, 0)
            ctx.set(dut.final, 0)

    async def write(self, ctx, address, bank):
        dut, value = self.dut, self.bench.random.getrandbits(COLUMNS)
        self.weights[address][bank] = value
        for signal, given in (
            (dut.write, 1),
            (dut.write_address, address),
            (dut.write_bank, bank),
            (dut.write_data, value),
        ):
            ctx.set(signal, given)
        await ctx.tick()
        ctx.set(dut.write, 0)
        ctx.set(dut.write_address, self.bench.random.randrange(self.size))

    async def write_some(self, ctx, share):
        for address in range(self.size):
            for bank in range(self.shape.rows):
                if self.bench.random.random() < share:
                    await self.write(ctx, address, bank)

    async def sweep(self, ctx):
        """Every word anew, after power-up or a load."""
        ctx.set(self.dut.rewritten, 1)
        await ctx.tick()
        await self.write_some(ctx, 2)
        await ctx.tick()  # a write is complete a cycle later
        ctx.set(self.dut.rewritten, 0)

    async def swap(self, ctx):
        """In the cycle after the last write, at the earliest."""
        ctx.set(self.dut.swap, 1)
        self.frozen_next = [list(words) for words in self.weights]
        await ctx.tick()
        ctx.set(self.dut.swap, 0)
        # What is asked for in the cycle of the swap is still the old plane.
        self.frozen = self.frozen_next


SHAPES = [(4, 2, 2), (5, 3, 3), (1, 1, 1), (3, 1, 2), (6, 3, 1)]


@pytest.mark.parametrize(("outputs", "rows", "words"), SHAPES)
@pytest.mark.parametrize("banked", [False, True])
def test_readers_see_the_weights_of_the_last_swap(bench, outputs, rows, words, banked):
    """Batch after batch, some with few writes or none: what was not written is copied by the first forward pass."""
    setup = Setup(bench, outputs, rows, words, banked, seed=outputs)

    async def script(ctx):
        await setup.sweep(ctx)
        await setup.swap(ctx)
        for share in (0.5, 0.0, 0.2, 0.0, 0.0, 1.0, 0.1, 0.1, 0.0):
            await setup.forward(ctx, pause=setup.bench.random.choice([0.0, 0.5]))
            for _ in range(3):
                await setup.bench.wait(ctx, 2)
                await setup.write_some(ctx, share)
                await setup.forward(ctx)
            await setup.write_some(ctx, share)
            await setup.swap(ctx)
        await setup.forward(ctx)
        await setup.bench.wait(ctx, 3)

    setup.bench.script(script)
    assert setup.checked == setup.size * 37


@pytest.mark.parametrize(("outputs", "rows", "words"), SHAPES)
def test_writes_as_early_as_possible(bench, outputs, rows, words):
    """In the second cycle after the last address of the forward pass that copies, while the next one runs."""
    setup = Setup(bench, outputs, rows, words, False, seed=1)

    async def script(ctx):
        await setup.sweep(ctx)
        await setup.swap(ctx)
        for _ in range(6):
            await setup.forward(ctx)
            await ctx.tick()
            address, bank = setup.bench.random.randrange(setup.size), setup.bench.random.randrange(rows)
            await setup.write(ctx, address, bank)
            await setup.write(ctx, setup.size - 1, rows - 1)
            await setup.swap(ctx)
        await setup.forward(ctx)
        await setup.bench.wait(ctx, 3)

    setup.bench.script(script)


@pytest.mark.parametrize(("outputs", "rows", "words"), SHAPES)
@pytest.mark.parametrize("forward_first", [False, True])
def test_nothing_is_copied_over_what_is_rewritten(bench, outputs, rows, words, forward_first):
    """A load between two batches, before or after the first forward pass: all of it is visible after the next swap."""
    setup = Setup(bench, outputs, rows, words, False, seed=2)

    async def script(ctx):
        await setup.sweep(ctx)
        await setup.swap(ctx)
        for _ in range(3):
            if forward_first:
                await setup.forward(ctx)
                await ctx.tick()
            await setup.sweep(ctx)
            await setup.forward(ctx)  # reads the old plane, and copies none of it
            await setup.bench.wait(ctx, 2)
            await setup.swap(ctx)
            await setup.forward(ctx)
            await ctx.tick()
            await setup.write_some(ctx, 0.3)
            await setup.swap(ctx)
        await setup.forward(ctx)
        await setup.bench.wait(ctx, 3)

    setup.bench.script(script)


@pytest.mark.parametrize(("outputs", "rows", "words"), SHAPES)
def test_a_swap_without_a_forward_pass_changes_nothing(bench, outputs, rows, words):
    """A batch without samples for which another layer's load is the reason."""
    setup = Setup(bench, outputs, rows, words, False, seed=4)

    async def script(ctx):
        await setup.sweep(ctx)
        await setup.swap(ctx)
        for swaps in (1, 2, 3, 2):
            await setup.bench.wait(ctx, 2)
            for _ in range(swaps):
                await setup.swap(ctx)
            await setup.forward(ctx)
            await setup.bench.wait(ctx, 2)
            await setup.write_some(ctx, 0.3)
            await setup.swap(ctx)
        await setup.forward(ctx)
        await setup.bench.wait(ctx, 3)

    setup.bench.script(script)


@pytest.mark.parametrize(("outputs", "rows", "words"), SHAPES)
def test_writes_between_pauses_of_later_samples(bench, outputs, rows, words):
    """Only the first forward pass copies: the others may run at the same time as updates, at any pace."""
    setup = Setup(bench, outputs, rows, words, True, seed=3)
    writing = [False]

    async def write(ctx):
        while True:
            if writing[0]:
                await setup.write_some(ctx, 0.4)
            await ctx.tick()

    async def script(ctx):
        await setup.sweep(ctx)
        await setup.swap(ctx)
        for _ in range(5):
            await setup.forward(ctx)
            await ctx.tick()
            writing[0] = True
            for _ in range(6):
                await setup.forward(ctx, pause=0.3)
            writing[0] = False
            await setup.bench.wait(ctx, 2 * setup.size * rows + 4)  # the last writes
            await setup.swap(ctx)

    setup.bench.process(write)
    setup.bench.script(script)


@pytest.mark.parametrize(("outputs", "rows", "words"), SHAPES)
@pytest.mark.parametrize("banked", [False, True])
def test_without_copies_every_swap_counts(bench, outputs, rows, words, banked):
    """As long as every word is written between two swaps, before or after the forward pass or during it."""
    setup = Setup(bench, outputs, rows, words, banked, seed=5, copies=False)

    async def script(ctx):
        for passes in (0, 1, 0, 0, 2, 1):
            for _ in range(passes):
                await setup.forward(ctx, pause=0.3)
            await setup.write_some(ctx, 2)
            await setup.write_some(ctx, 0.3)
            await setup.swap(ctx)
            await setup.forward(ctx)
        await setup.bench.wait(ctx, 3)

    setup.bench.script(script)
    assert setup.checked == setup.size * 10
