"""Admission of samples and the ends of batches."""

import pytest

from bephw.rtl_gen.compact.sequencer import Sequencer


class Setup:
    """A sequencer with layers that finish samples in their own time, and a refresh that takes `refresh` cycles."""

    def __init__(self, bench, *, inputs=5, width=2, layers=2, capacity=4, samples=20, batch=3, learn=1, **options):
        self.dut = dut = Sequencer(inputs, width, 4, layers, capacity)
        self.slow, self.refresh, pause = options.get("slow", 0.0), options.get("refresh", 1), options.get("pause", 0.0)
        self.bench = b = bench(dut, options.get("seed", 0))
        self.words, self.layers, self.capacity = -(-inputs // width), layers, capacity
        b.set(dut.batch, batch)
        b.set(dut.learn, learn)
        self.labels = [b.random.randrange(4) for _ in range(samples)]
        self.beats = [
            {"data": b.random.getrandbits(width), "label": label if word == self.words - 1 else b.random.randrange(4)}
            for label in self.labels
            for word in range(self.words)
        ]
        self.learn, self.hold = learn, 0
        self.source = b.source(dut.samples, self.beats, pause, when=lambda: not self.hold)
        self.finished = [0] * layers
        self.sink = b.sink(dut.chunks, lambda: 1.0 if self.in_flight() >= capacity else self.slow / 2)
        self.swaps, self.admitted_at_swap, self.wait, self.busy, self.ending = [], [], self.refresh, 1, 1
        b.watch([dut.swap, dut.refreshed, dut.layer_done, dut.busy, dut.ending], self._act)

    def admitted(self):
        return len(self.sink.beats) // self.words

    def in_flight(self):
        return self.admitted() - min(self.finished)

    def _act(self, swap, refreshed, layer_done, busy, ending):
        dut, generator = self.dut, self.bench.random
        for layer in range(self.layers):
            self.finished[layer] += (layer_done >> layer) & 1
        if swap:
            assert ending
            assert refreshed
            assert min(self.finished) == self.admitted(), "swapped with samples in flight"
            self.swaps.append(self.bench.cycle)
            self.admitted_at_swap.append(self.admitted())
            self.wait = self.refresh + 1
        self.busy, self.ending = busy, ending
        pulses = 0
        for layer in range(self.layers):
            if self.finished[layer] < self.admitted() and generator.random() >= self.slow:
                pulses |= 1 << layer
        quiet = min(self.finished) == self.admitted() and not pulses
        self.wait = max(self.wait - 1, 0) if quiet else self.refresh
        return [(dut.layer_done, pulses), (dut.refreshed, self.wait == 0)]

    def check_chunks(self):
        assert [beat["data"] for beat in self.sink.beats] == [beat["data"] for beat in self.beats]
        assert [beat["last"] for beat in self.sink.beats] == ([0] * (self.words - 1) + [1]) * len(self.labels)
        tags = [beat["tag"] for beat in self.sink.beats if beat["last"]]
        assert tags == [{"label": label, "learn": self.learn} for label in self.labels]

    def done(self):
        return self.source.exhausted and min(self.finished) == len(self.labels) and not self.ending and not self.busy


@pytest.mark.parametrize(("inputs", "width"), [(1, 1), (5, 2), (8, 4), (3, 8)])
@pytest.mark.parametrize("batch", [1, 3, 7])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"slow": 0.9, "layers": 3},
        {"refresh": 20, "pause": 0.5, "layers": 1},
        {"slow": 0.5, "refresh": 5, "capacity": 1},
    ],
)
def test_batches_end_by_count(bench, inputs, width, batch, options):
    setup = Setup(bench, inputs=inputs, width=width, batch=batch, **options)
    setup.bench.run(setup.done, rest=40)
    setup.check_chunks()
    # The first swap is that of the power-up; the last batch may be incomplete, and does not end by itself.
    assert setup.admitted_at_swap == [0, *range(batch, 21, batch)]


def test_samples_that_do_not_learn_are_not_counted(bench):
    setup = Setup(bench, batch=2, learn=0)
    setup.bench.run(setup.done, rest=40)
    setup.check_chunks()
    assert setup.admitted_at_swap == [0]


def test_nothing_enters_before_the_first_refresh(bench):
    setup = Setup(bench, refresh=50)
    setup.bench.run(48)
    assert (setup.source.taken, setup.swaps, setup.busy, setup.ending) == ([], [], 1, 1)
    # The simulation of one bench runs once: what follows is covered by the other tests.


@pytest.mark.parametrize("moment", range(6))
@pytest.mark.parametrize("learn", [0, 1])
def test_end_of_batch_on_request(bench, moment, learn):
    """Asked for at every phase of a three-word sample: what was admitted before counts, and the sample under way."""
    setup = Setup(bench, inputs=3, width=1, batch=100, samples=8, capacity=8, learn=learn)
    dut, started = setup.dut, []

    async def ask(ctx):
        while len(setup.swaps) < 1:
            await ctx.tick()
        await setup.bench.wait(ctx, 7 + moment)
        ctx.set(dut.end_batch, 1)
        await ctx.tick()
        ctx.set(dut.end_batch, 0)
        assert ctx.get(dut.busy)
        started.append(-(-len(setup.source.taken) // 3))

    setup.bench.process(ask)
    setup.bench.run(setup.done, rest=10)
    setup.check_chunks()
    assert 2 <= started[0] <= 5
    assert setup.admitted_at_swap == [0, started[0]]


def test_a_request_restarts_the_count(bench):
    """After a requested end, a whole batch follows."""
    setup = Setup(bench, inputs=1, width=1, batch=4, samples=13, capacity=8)
    setup.bench.watch(
        [setup.dut.chunks.ready],
        lambda _: [(setup.dut.end_batch, setup.admitted() == 6 and len(setup.swaps) == 2 and not setup.ending)],
    )
    setup.bench.run(setup.done, rest=10)
    first, second, third, *rest = setup.admitted_at_swap
    assert (first, second) == (0, 4)
    assert 6 <= third <= 7
    assert rest[0] in (third, third + 4)
    assert setup.admitted_at_swap[-1] in (third + 4, third)


def test_a_request_without_samples(bench):
    setup = Setup(bench, samples=0, refresh=10)
    dut = setup.dut

    async def script(ctx):
        await setup.bench.wait(ctx, 30)
        assert len(setup.swaps) == 1
        assert not ctx.get(dut.busy)
        ctx.set(dut.end_batch, 1)
        await ctx.tick()
        ctx.set(dut.end_batch, 0)
        assert ctx.get(dut.busy), "busy from the cycle after the request"
        await setup.bench.wait(ctx, 30)
        assert len(setup.swaps) == 2
        assert not ctx.get(dut.busy)

    setup.bench.script(script)


def test_busy_while_a_layer_works(bench):
    """A sample that was admitted keeps the trainer busy until the slowest layer is done."""
    setup = Setup(bench, samples=5, batch=100, slow=0.8, layers=3)
    setup.bench.watch(
        [setup.dut.busy, setup.dut.layer_done],
        lambda busy, done: pytest.fail("not busy") if done and not busy else None,
    )
    setup.bench.run(setup.done, rest=10)
