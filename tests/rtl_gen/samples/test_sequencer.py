"""Admission of samples and the ends of batches."""

import pytest

from bephw.rtl_gen.samples.sequencer import Sequencer, stream_beats


class Setup:
    """A sequencer with layers that finish samples in their own time, after which their last writes take `settling`
    cycles more; after power-up they are `sweeping` for some cycles."""

    def __init__(self, bench, *, inputs=5, width=2, layers=2, capacity=4, samples=20, batch=3, learn=1, **options):
        lag = options.get("lag", False)
        self.dut = dut = Sequencer(inputs, width, 4, layers, capacity, lag=lag)
        self.slow, pause = options.get("slow", 0.0), options.get("pause", 0.0)
        self.settling, self.sweeping = options.get("settling", 1), options.get("sweeping", 1)
        self.bench = b = bench(dut, options.get("seed", 0))
        self.words, self.layers, self.capacity = -(-inputs // width), layers, capacity
        self.width = min(width, inputs)  # a stream wider than a sample: the rest of its words is ignored
        b.set(dut.batch, batch)
        b.set(dut.learn, learn)
        b.set(dut.sweeping, 1)
        self.labels = [b.random.randrange(4) for _ in range(samples)]
        self.beats = [
            {"data": b.random.getrandbits(width), "label": label if word == self.words - 1 else b.random.randrange(4)}
            for label in self.labels
            for word in range(self.words)
        ]
        self.learn = learn
        self.source = b.source(dut.samples, self.beats, pause)
        self.finished, self.admitted_before = [0] * layers, 0
        self.sink = b.flow_sink(dut.chunks, stall=self.slow / 2, room=lambda sink: self.in_flight() < capacity)
        self.swaps, self.admitted_at_swap, self.wait, self.busy, self.ending = [], [], self.settling, 1, 1
        watched = [dut.swap, dut.settled, dut.sweeping, dut.layer_done, dut.busy, dut.ending, dut.chunks.start]
        b.watch(watched, self._act)
        self.renewals = 0
        if lag:
            b.watch([dut.renew], self._renew)

    def _renew(self, renew):
        if renew:
            assert self.ending and min(self.finished) == self.admitted()
            self.renewals += 1
            self.sweeping = 10

    def admitted(self):
        return self.sink.complete

    def in_flight(self):
        return len(self.sink.starts) - min(self.finished)

    def _act(self, swap, settled, sweeping, layer_done, busy, ending, start):
        dut, generator = self.dut, self.bench.random
        for layer in range(self.layers):
            self.finished[layer] += (layer_done >> layer) & 1
        if start:
            assert not ending, "a sample was let in while a batch ended"
            assert not sweeping, "a sample was let in during a sweep"
        if swap:
            assert ending
            assert settled
            assert not sweeping
            assert min(self.finished) == self.admitted() == len(self.sink.starts), "swapped with samples in flight"
            self.swaps.append(self.bench.cycle)
            self.admitted_at_swap.append(self.admitted())
        if not busy:
            assert min(self.finished) == self.admitted_before, "not busy"
        self.admitted_before = self.admitted()
        self.busy, self.ending = busy, ending
        pulses = 0
        for layer in range(self.layers):
            if self.finished[layer] < self.admitted() and generator.random() >= self.slow:
                pulses |= 1 << layer
        quiet = min(self.finished) == self.admitted() and not pulses
        self.wait = max(self.wait - 1, 0) if quiet else self.settling
        self.sweeping = max(self.sweeping - 1, 0)
        return [
            (dut.layer_done, pulses),
            (dut.settled, self.wait == 0),
            (dut.sweeping, self.sweeping > 0),
        ]

    def check_chunks(self):
        used = (1 << self.width) - 1
        assert [beat["data"] for beat in self.sink.beats] == [beat["data"] & used for beat in self.beats]
        assert [beat["last"] for beat in self.sink.beats] == ([0] * (self.words - 1) + [1]) * len(self.labels)
        tags = [beat["tag"] for beat in self.sink.beats if beat["last"]]
        assert tags == [{"label": label, "learn": self.learn} for label in self.labels]
        assert self.sink.starts == self.sink.cycles[:: self.words], "a sample starts with its first word"
        assert self.sink.cycles == self.source.taken, "a word goes on in the cycle in which it is taken"

    def done(self):
        return self.source.exhausted and min(self.finished) == len(self.labels) and not self.ending and not self.busy


@pytest.mark.parametrize(("inputs", "width"), [(1, 1), (5, 2), (8, 4), (3, 8)])
@pytest.mark.parametrize("batch", [1, 3, 7])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"slow": 0.9, "layers": 3},
        {"settling": 20, "pause": 0.5, "layers": 1},
        {"slow": 0.5, "settling": 5, "capacity": 1, "sweeping": 30},
    ],
)
def test_batches_end_by_count(bench, inputs, width, batch, options):
    setup = Setup(bench, inputs=inputs, width=width, batch=batch, **options)
    setup.bench.run(setup.done, rest=40)
    setup.check_chunks()
    # The first swap is that of the power-up; the last batch may be incomplete, and does not end by itself.
    assert setup.admitted_at_swap == [0, *range(batch, 21, batch)]


@pytest.mark.parametrize("batch", [1, 3, 7])
@pytest.mark.parametrize("slow", [0.0, 0.9])
def test_a_lag_without_overlap(bench, batch, slow):
    """All is done before the next batch; at power-up there is nothing to swap."""
    setup = Setup(bench, batch=batch, slow=slow, lag=True)
    setup.bench.run(setup.done, rest=40)
    setup.check_chunks()
    assert setup.admitted_at_swap == list(range(batch, 21, batch))
    assert not setup.renewals


def test_a_lag_and_an_end_without_a_sample(bench):
    """Of three in a row the first one ends the batch, the second makes everything visible, the third does nothing."""
    setup, ends = Setup(bench, batch=100, samples=5, lag=True), []

    async def script(ctx):
        while not setup.done():
            await ctx.tick()
        for _ in range(3):
            ctx.set(setup.dut.end_batch, 1)
            await ctx.tick()
            ctx.set(setup.dut.end_batch, 0)
            await setup.bench.wait(ctx, 60)
            assert not ctx.get(setup.dut.busy)
            ends.append((len(setup.swaps), setup.renewals))

    setup.bench.process(script)
    setup.bench.run(lambda: len(ends) == 3)
    assert ends == [(1, 0), (1, 1), (1, 1)]


@pytest.mark.parametrize("capacity", [1, 4])
def test_a_word_a_cycle(bench, capacity):
    """While there is room, and nothing ends."""
    setup = Setup(bench, inputs=6, width=2, batch=100, samples=20, capacity=capacity)
    setup.bench.run(setup.done)
    setup.check_chunks()
    if capacity > 1:
        taken = setup.source.taken
        assert taken == list(range(taken[0], taken[0] + len(taken)))


def test_samples_that_do_not_learn_are_not_counted(bench):
    setup = Setup(bench, batch=2, learn=0)
    setup.bench.run(setup.done, rest=40)
    setup.check_chunks()
    assert setup.admitted_at_swap == [0]


def test_nothing_enters_before_the_first_sweep(bench):
    setup = Setup(bench, sweeping=50)
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
        [setup.dut.chunks.room],
        lambda _: [(setup.dut.end_batch, setup.admitted() == 6 and len(setup.swaps) == 2 and not setup.ending)],
    )
    setup.bench.run(setup.done, rest=10)
    first, second, third, *rest = setup.admitted_at_swap
    assert (first, second) == (0, 4)
    assert 6 <= third <= 7
    assert rest == [third + 4]


def test_a_request_without_samples(bench):
    """The visible weights are the counters' already: the batch ends, and the planes stay as they are."""
    setup = Setup(bench, samples=0, settling=10)
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
        assert len(setup.swaps) == 1
        assert not ctx.get(dut.busy)

    setup.bench.script(script)


@pytest.mark.parametrize("with_samples", [False, True])
def test_what_was_loaded_becomes_visible_at_the_next_end(bench, with_samples):
    """A load sweeps: no sample comes in meanwhile, no batch ends, and the next end swaps, samples or none."""
    setup = Setup(bench, batch=100, samples=4 if with_samples else 0)
    dut, b = setup.dut, setup.bench
    ended = []

    async def script(ctx):
        while not setup.done() if with_samples else not setup.swaps or setup.busy:
            await ctx.tick()
        before = len(setup.swaps)
        setup.sweeping = 40
        await b.wait(ctx, 3)
        assert ctx.get(dut.busy), "busy during a sweep"
        ctx.set(dut.end_batch, 1)
        await ctx.tick()
        ctx.set(dut.end_batch, 0)
        while setup.sweeping:
            assert len(setup.swaps) == before
            await ctx.tick()
        await b.wait(ctx, 10)
        assert len(setup.swaps) == before + 1
        assert not ctx.get(dut.busy)
        ended.append(1)

    b.process(script)
    b.run(lambda: ended)


def test_a_sweep_holds_the_samples_back(bench):
    """Those under way go on; the others wait."""
    setup = Setup(bench, batch=100, samples=12, slow=0.3, capacity=8)

    def sweep(_):
        idle = len(setup.swaps) == 1 and setup.sweeping == 0
        if idle and setup.admitted() in (3, 7) and setup.bench.random.random() < 0.3:
            setup.sweeping = 25

    setup.bench.watch([setup.dut.busy], sweep)  # `Setup` asserts that no sample starts in it
    setup.bench.run(setup.done, rest=10)
    setup.check_chunks()


def test_busy_while_a_layer_works(bench):
    """A sample that was admitted keeps the trainer busy until the slowest layer is done."""
    setup = Setup(bench, samples=5, batch=100, slow=0.8, layers=3)
    setup.bench.watch(
        [setup.dut.busy, setup.dut.layer_done],
        lambda busy, done: pytest.fail("not busy") if done and not busy else None,
    )
    setup.bench.run(setup.done, rest=10)


@pytest.mark.parametrize(("inputs", "width", "last"), [(5, 2, 1), (8, 4, 4), (3, 8, 3), (1, 1, 1)])
def test_stream_beats(inputs, width, last):
    beats = stream_beats(inputs, width)
    assert [bit for beat in beats for bit in beat] == list(range(inputs))
    assert {len(beat) for beat in beats[:-1]} <= {width}
    assert len(beats[-1]) == last


class Series:
    """A sequencer for samples of `steps`, and layers that finish them in their own time."""

    def __init__(self, bench, *, most, steps, batch=3, samples=8, inputs=5, width=2, slow=0.6):
        self.dut = dut = Sequencer(inputs, width, 4, 2, 8, most)
        self.bench = b = bench(dut, seed=steps)
        self.steps, self.words, self.slow = steps, -(-inputs // width), slow
        for signal, value in ((dut.steps, steps), (dut.batch, batch), (dut.learn, 1), (dut.settled, 1)):
            b.set(signal, value)
        self.labels = [b.random.randrange(4) for _ in range(samples)]
        self.beats = [
            {"data": b.random.getrandbits(width), "label": label}
            for label in self.labels
            for _ in range(steps * self.words)
        ]
        self.source = b.source(dut.samples, self.beats, 0.2)
        self.sink = b.flow_sink(
            dut.chunks, stall=0.3, room=lambda sink: len(sink.starts) < (min(self.finished) + 4) * steps
        )
        self.finished, self.at_swap, self.busy = [0, 0], [], 1
        b.watch([dut.swap, dut.layer_done, dut.ending, dut.busy, dut.chunks.start], self._act)

    def admitted(self):
        return self.sink.complete // self.steps

    def _act(self, swap, layer_done, ending, busy, start):
        for layer in range(2):
            self.finished[layer] += layer_done >> layer & 1
        between = (len(self.sink.starts) - start) % self.steps == 0
        assert not (start and between and ending), "a sample was let in while a batch ended"
        if swap:
            assert self.sink.complete % self.steps == 0, "swapped within a sample"
            assert min(self.finished) == self.admitted(), "swapped with samples in flight"
            self.at_swap.append(self.admitted())
        self.busy = busy
        waiting = [layer for layer in range(2) if self.finished[layer] < self.admitted()]
        pulses = sum(1 << layer for layer in waiting if self.bench.random.random() >= self.slow)
        return [(self.dut.layer_done, pulses)]

    def done(self):
        return self.source.exhausted and min(self.finished) == len(self.labels) and not self.busy


@pytest.mark.parametrize(("most", "steps"), [(1, 1), (4, 4), (5, 2), (7, 1)])
def test_steps_are_let_in_one_by_one_and_samples_are_counted(bench, most, steps):
    setup = Series(bench, most=most, steps=steps)
    setup.bench.run(setup.done, rest=20)
    sink, words = setup.sink, setup.words
    assert [beat["data"] for beat in sink.beats] == [beat["data"] for beat in setup.beats]
    assert [beat["last"] for beat in sink.beats] == ([0] * (words - 1) + [1]) * steps * len(setup.labels)
    assert [beat["tag"]["label"] for beat in sink.beats[steps * words - 1 :: steps * words]] == setup.labels
    assert sink.starts == sink.cycles[::words], "a step starts with its first word"
    assert setup.at_swap == [3, 6]


def test_a_request_waits_for_the_whole_sample(bench):
    setup = Series(bench, most=4, steps=4, batch=100)
    dut = setup.dut
    setup.bench.watch([dut.busy], lambda _: [(dut.end_batch, len(setup.sink.starts) == 6)])
    setup.bench.run(setup.done, rest=20)
    assert setup.at_swap == [2]


class Overlapping:
    """A sequencer with a lag, and layers that finish samples in their own time."""

    def __init__(self, bench, *, layers=2, samples=24, batch=3, slow=0.5, seed=0, settling=1):
        self.dut = dut = Sequencer(2, 1, 4, layers, 8, lag=True, overlaps=True)
        self.bench, self.layers, self.slow, self.settling = bench(dut, seed), layers, slow, settling
        self.bench.set(dut.batch, batch)
        self.bench.set(dut.learn, 1)
        words = [{"data": 0, "label": 0}] * (2 * samples)
        self.source = self.bench.source(dut.samples, words, 0.0)
        self.sink = self.bench.flow_sink(dut.chunks, stall=0.0, room=lambda sink: len(sink.starts) - self.done() < 8)
        self.finished = [[] for _ in range(layers)]  # for each layer, when it was done with each sample
        self.crossed = [[] for _ in range(layers)]  # when its forward passes went on to each batch
        self.begins, self.renewals, self.idle = [], [], 0
        self.bench.watch([dut.entered, dut.begins, dut.renew, dut.busy], self._act)

    def done(self):
        return min(map(len, self.finished))

    def _act(self, entered, begins, renew, busy):
        if begins:
            assert entered
            self.begins.append(len(self.sink.starts) - 1)
        if renew:
            assert self.done() == self.sink.complete
            self.renewals.append(self.bench.cycle)
        pulses = crossed = 0
        for layer, (times, crossings) in enumerate(zip(self.finished, self.crossed, strict=True)):
            if len(times) < self.sink.complete and self.bench.random.random() >= self.slow:
                times.append(self.bench.cycle)
                pulses |= 1 << layer
            # As a layer does: when it is done with the batch before the last.
            number = len(crossings)
            if number < len(self.begins) and len(times) >= (self.begins[number - 1] if number else 0):
                crossings.append(self.bench.cycle)
                crossed |= 1 << layer
        self.idle = 0 if pulses or self.done() < self.sink.complete else self.idle + 1
        self.busy = busy
        sweeping = bool(self.renewals) and self.bench.cycle - self.renewals[-1] < 10
        return [
            (self.dut.layer_done, pulses),
            (self.dut.crossed, crossed),
            (self.dut.settled, self.idle >= self.settling),
            (self.dut.sweeping, sweeping),
        ]


@pytest.mark.parametrize("batch", [1, 3, 8])
@pytest.mark.parametrize("slow", [0.0, 0.6, 0.95])
def test_batches_overlap(bench, batch, slow):
    """A batch begins before the one before it is done, but not before all layers have gone on to that."""
    setup = Overlapping(bench, batch=batch, slow=slow, samples=24)
    setup.bench.run(lambda: setup.source.exhausted and setup.done() == 24 and not setup.busy, rest=30)
    assert setup.begins == list(range(0, 24, batch))  # the first one after the end at power-up
    assert not setup.renewals
    for number, first in enumerate(setup.begins[1:]):
        assert setup.sink.starts[first] > max(crossings[number] for crossings in setup.crossed)
    if slow == 0.95 and batch > 1:
        last = [max(times[first - 1] for times in setup.finished) for first in setup.begins[1:]]
        assert any(setup.sink.starts[first] < done for first, done in zip(setup.begins[1:], last, strict=True))


def test_an_end_without_a_sample_renews_all_planes(bench):
    """The first of two in a row ends the batch, the second makes everything visible, and a third changes nothing."""
    setup = Overlapping(bench, batch=100, samples=5)
    dut, ends = setup.dut, []

    async def script(ctx):
        while not (setup.source.exhausted and setup.done() == 5):
            await ctx.tick()
        for _ in range(3):
            ctx.set(dut.end_batch, 1)
            await ctx.tick()
            ctx.set(dut.end_batch, 0)
            await setup.bench.wait(ctx, 60)
            assert not ctx.get(dut.busy)
            ends.append(len(setup.renewals))

    setup.bench.process(script)
    setup.bench.run(lambda: len(ends) == 3)
    assert ends == [0, 1, 1]
