"""A channel of a cell: which inputs each step's pass reads, what becomes of its sums, and what is kept of them."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from bephw.rtl_gen.forward.unit import ForwardUnit
from bephw.rtl_gen.recurrent.step_channel import StepChannel, samples_together
from bephw.shape import LayerShape
from tests.rtl_gen.backward.test_credit import pack

SAMPLES, CLASSES = 9, 5


@dataclass
class Pass:
    """One in the array: the words that it has read so far, and what they show of it."""

    words: list[int] = field(default_factory=list)
    z: list[int] = field(default_factory=list)


class Setup:
    """Random samples come in, with pauses of probability `pause` before a step; an array of random weights takes the
    steps that are there, now and then late (`reluctance`), and a learner gives samples up, in order, when it has read
    all that is kept of them. Behind the channel there is room with probability 1 - `stall`."""

    def __init__(self, bench, size, steps, *, slots=3, wires=0, pause=0.0, reluctance=0.0, stall=0.0):
        others, states, rows, columns, most = size
        self.shape = shape = LayerShape(0, others + states, states, rows, columns, 1, most, slots, samples=2)
        self.dut = dut = StepChannel(shape, CLASSES, wires=wires)
        self.bench = b = bench(dut, seed=others + steps)
        self.steps, self.pause, self.reluctance = steps, pause, reluctance
        self.latency = ForwardUnit.latency(shape, wires)
        self.weights = [[b.random.choice((-1, 1)) for _ in range(shape.inputs)] for _ in range(states)]
        self.gate = b.random.randrange(shape.inputs + 1)
        # No two steps have the same inputs: so what a pass reads shows which it is.
        x = [
            [number >> bit & 1 for bit in range(others)]
            for number in b.random.sample(range(1 << others), SAMPLES * steps)
        ]
        self.x = [x[at : at + steps] for at in range(0, len(x), steps)]
        self.series = [self._follow(series) for series in self.x]
        self.begun, self.whole, self.given_up = 0, 0, 0  # samples
        self.passes, self.starts = [], []  # steps (sample, step), and the cycles in which they began
        self.sums = {}  # by cycle
        b.set(dut.steps, steps)
        b.set(dut.gate, self.gate)
        self.sink = b.flow_sink(dut.outputs, stall=stall)
        b.watch([dut.whole], self._count_whole)
        b.process(self._send)
        b.process(self._pass)
        b.process(self._learn)

    def _follow(self, series):
        """Section 4: for each step its input vector and z of all states; s_0 is all ones."""
        state, found = [1] * self.shape.outputs, []
        for x in series:
            vector = x + state
            z = [sum(w * (2 * bit - 1) for w, bit in zip(row, vector, strict=True)) for row in self.weights]
            found.append((vector, z))
            state = [int(value >= 0) for value in z]
        return found

    def _count_whole(self, whole):
        self.whole += whole
        assert self.whole <= self.begun

    async def _send(self, ctx):
        """Samples begin where there is room, then come step by step, in words; on their way from a cycle later on."""
        dut, random = self.dut, self.bench.random
        for number, series in enumerate(self.x):
            while not ctx.get(dut.room):
                await ctx.tick()
            ctx.set(dut.begins, 1)
            self.begun += 1
            await ctx.tick()
            ctx.set(dut.begins, 0)
            for x in series:
                while random.random() < self.pause:
                    await ctx.tick()
                words = pack(x, self.shape.columns, 0)
                for place, word in enumerate(words):
                    last = place == len(words) - 1
                    tag = {"label": number % CLASSES, "learn": number % 2}
                    ctx.set(dut.words, {"valid": 1, "data": word, "last": last, "tag": tag})
                    await ctx.tick()
                ctx.set(dut.words.valid, 0)

    async def _pass(self, ctx):
        """The array: row groups outside, words inside; a group's sums come `latency` cycles after its last word."""
        dut, shape, random = self.dut, self.shape, self.bench.random
        active, next_steps = None, [0] * SAMPLES
        while True:
            start = active is None and ctx.get(dut.available) and random.random() >= self.reluctance
            ctx.set(dut.start, start)
            if start:
                active = Pass()
                self.starts.append(self.bench.cycle)
            place = len(active.words) if active else 0
            ctx.set(dut.forward.index, place % shape.words)
            ctx.set(dut.forward.read, 1)
            ctx.set(dut.forward.done, bool(active) and place == shape.forward_cycles - 1)
            ctx.set(dut.sums, self.sums.pop(self.bench.cycle, {"valid": 0}))
            cycle = self.bench.cycle
            await ctx.tick()
            if active:
                active.words.append(ctx.get(dut.forward.data))
                if place == shape.words - 1:
                    active.z = self._recognise(active.words, next_steps)
                if place % shape.words == shape.words - 1:
                    self._sum(active, place // shape.words, cycle + self.latency)
                if place == shape.forward_cycles - 1:
                    assert active.words == active.words[: shape.words] * shape.groups, "all row groups read the same"
                    active = None

    def _recognise(self, words, next_steps):
        """z of the step with these inputs, which must be its sample's next one."""
        for sample, step in enumerate(next_steps[: self.begun]):
            if step < self.steps and words == pack(self.series[sample][step][0], self.shape.columns, 0):
                next_steps[sample] += 1
                self.passes.append((sample, step))
                return self.series[sample][step][1]
        raise AssertionError("inputs of no step that may be next")

    def _sum(self, active, group, cycle):
        outputs = self.shape.all_beats()[group]
        sums = [active.z[j] for j in outputs] + [0] * (self.shape.rows - len(outputs))
        self.sums[cycle] = {"valid": 1, "z": sums, "last": outputs.stop == self.shape.outputs}

    async def _learn(self, ctx):
        """When a sample is through: its outcomes and inputs, step by step, backwards; then its slot is free."""
        dut, shape = self.dut, self.shape
        for sample, series in enumerate(self.series):
            while self.sink.complete <= sample:
                await ctx.tick()
            for step in reversed(range(self.steps)):
                vector, z = series[step]
                state = [0] * (shape.inputs - shape.outputs) + vector[shape.passed_on.start :]
                update, credit = pack(vector, shape.columns, 0), pack(state, shape.columns, 0)
                for word in range(shape.words):
                    assert await self._read(ctx, dut.update, word, shape.words, sample, step) == update[word]
                    assert await self._read(ctx, dut.credit, word, shape.words, sample, step) == credit[word]
                for beat, outputs in enumerate(shape.all_beats()):
                    await self._read(ctx, dut.outcomes, beat, shape.scan_beats, sample, step)
                    for place, j in enumerate(outputs):
                        kept = dut.outcomes.data[place]
                        assert ctx.get(kept.active) == (z[j] >= 0)
                        assert ctx.get(kept.open) == (abs(z[j]) <= self.gate)
                        assert ctx.get(kept.magnitude) == abs(z[j])
            ctx.set(dut.update.done, 1)
            await ctx.tick()
            ctx.set(dut.update.done, 0)
            self.given_up += 1

    async def _read(self, ctx, reader, word, words, sample, step):
        shape = self.shape
        word_bits, step_bits = (words - 1).bit_length(), (shape.steps - 1).bit_length()
        ctx.set(reader.index, word | step << word_bits | sample % shape.slots << word_bits + step_bits)
        ctx.set(reader.read, 1)
        await ctx.tick()
        ctx.set(reader.read, 0)
        return ctx.get(reader.data) if reader is not self.dut.outcomes else None

    def run(self):
        self.bench.run(lambda: self.given_up == SAMPLES, rest=5)
        assert self.whole == SAMPLES
        assert sorted(self.passes) == [(sample, step) for sample in range(SAMPLES) for step in range(self.steps)]
        beats = iter(self.sink.beats)
        for sample, series in enumerate(self.series):
            for outputs in self.shape.all_beats():
                beat = next(beats)
                data = [beat["data"] >> place & 1 for place in range(len(outputs))]
                assert data == [int(series[-1][1][j] >= 0) for j in outputs]
                assert beat["last"] == (outputs.stop == self.shape.outputs)
                assert not beat["last"] or beat["tag"] == {"label": sample % CLASSES, "learn": sample % 2}
        assert next(beats, None) is None


SIZES = [  # inputs, states, rows, columns, most steps; steps
    ((7, 4, 2, 3, 4), 4),
    ((6, 6, 4, 3, 5), 2),
    ((6, 1, 1, 1, 3), 3),
    ((6, 7, 7, 13, 3), 3),
    ((8, 5, 2, 4, 6), 5),
    ((9, 6, 3, 2, 4), 1),
]


@pytest.mark.parametrize(("size", "steps"), SIZES, ids=str)
@pytest.mark.parametrize(
    "options",
    [{}, {"pause": 0.6, "reluctance": 0.5, "stall": 0.5}, {"slots": 1, "stall": 0.8}, {"slots": 6, "wires": 2}],
    ids=str,
)
def test_every_step_of_every_sample(bench, size, steps, options):
    Setup(bench, size, steps, **options).run()


def test_steps_follow_one_another_at_once(bench):
    """As many samples take turns as hide the way of a state: then the array has no cycle without a word."""
    setup = Setup(bench, (9, 8, 2, 9, 4), 4, slots=SAMPLES)
    shape = setup.shape
    together = samples_together(shape, 0)
    assert 1 < together < SAMPLES
    setup.run()
    order = setup.passes.index((together - 1, 0))
    last = setup.passes.index((SAMPLES - together, 3))
    periods = {after - before for before, after in pairwise(setup.starts[order:last])}
    assert periods == {shape.forward_cycles}
