"""Lessons of a channel of a cell: from above and its own, each whole, at its step, and of the right sample."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.recurrent.lesson_turns import lessons_together
from bephw.rtl_gen.recurrent.step_lessons import StepLessons
from bephw.shape import LayerShape

SAMPLES = 12


@st.composite
def geometries(draw):
    """A cell's shape, a gamma that divides its outputs, and fewer steps than it may have, or as many."""
    outputs = draw(st.integers(1, 12))
    rows = draw(st.integers(1, outputs))
    columns = draw(st.integers(1, 7))
    gamma = draw(st.sampled_from([size for size in range(1, outputs + 1) if outputs % size == 0]))
    most, others = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    shape = LayerShape(0, others + outputs, outputs, rows, columns, 1, most, draw(st.integers(1, 4)), samples=2)
    return shape, gamma, draw(st.integers(1, most))


class Setup:
    """Samples that teach, or do not, with random desired bits for each step. Those of the last step come from above;
    those of a step before come, in words of the cell's inputs, up to `latency` cycles after the lesson of the step
    after it was taken. Who takes lessons pauses before a slice with probability `pace` a cycle."""

    def __init__(self, bench, shape, gamma, steps, width, *, latency, pace, seed):
        self.dut = dut = StepLessons(shape, width, gamma)
        self.bench = b = bench(dut, seed)
        self.shape, self.gamma, self.steps, self.latency, self.pace = shape, gamma, steps, latency, pace
        self.wanted = [
            [[b.random.randrange(2) for _ in range(shape.outputs)] for _ in range(steps)] for _ in range(SAMPLES)
        ]
        self.flags = [(int(b.random.random() < 0.8), b.random.randrange(2)) for _ in range(SAMPLES)]
        self.asked = []  # (sample, step, the first cycle in which its lesson may come), as they were asked for
        self.sent = 0  # of those
        self.waiting, self.most_waiting = 0, 0
        self.taken = [[] for _ in range(SAMPLES)]  # steps
        b.set(dut.steps, steps)
        self.sending, self.coming = False, 0  # one of the cell's own; the sample whose beat comes next from above
        b.source(dut.above, self._above(width), 0.3, when=self._slot_is_free)
        b.source(dut.own, self._own(), 0.2, when=self._own_is_there)
        b.process(self._take)

    def _beats(self, sample, step, width, skipped):
        """A lesson's, with noise where nothing of it is."""
        teach, learn = self.flags[sample]
        bits = [*(2 for _ in range(skipped)), *self.wanted[sample][step]]
        count = -(-len(bits) // width) if teach else 1
        bits += [2] * (count * width - len(bits))
        bits = [self.bench.random.randrange(2) if bit == 2 else bit for bit in bits]
        for beat in range(count):
            data = sum(bit << lane for lane, bit in enumerate(bits[beat * width : (beat + 1) * width]))
            yield {"data": data, "teach": teach, "learn": learn, "last": beat == count - 1}

    def _above(self, width):
        for sample in range(SAMPLES):
            for beat in self._beats(sample, self.steps - 1, width, 0):
                self.coming = sample + beat["last"]
                yield beat

    def _slot_is_free(self):
        return self.coming < self.shape.slots or self._is_done(self.coming - self.shape.slots)

    def _is_done(self, sample):
        teach, _ = self.flags[sample]
        return len(self.taken[sample]) == (self.steps if teach else 1)

    def _own_is_there(self):
        return self.sending or (self.sent < len(self.asked) and self.bench.cycle >= self.asked[self.sent][2])

    def _own(self):
        while True:
            sample, step, _ = self.asked[self.sent]
            for beat in self._beats(sample, step, self.shape.columns, self.shape.passed_on.start % self.shape.columns):
                self.sending = not beat["last"]
                self.sent += beat["last"]
                yield beat

    @property
    def finished(self):
        return all(map(self._is_done, range(SAMPLES)))

    async def _take(self, ctx):
        """Each lesson that is shown, slice by slice, as a winner search does."""
        dut, random = self.dut, self.bench.random
        while not self.finished:
            ctx.set(dut.shift, 0)
            ctx.set(dut.consumed, 0)
            if not ctx.get(dut.valid) or random.random() < self.pace:
                await ctx.tick()
                continue
            at = ctx.get(dut.at)
            sample, step = self._whose(at["step"], at["slot"])
            teach, learn = self.flags[sample]
            slices = self.shape.slices(self.gamma) if teach else [range(0)]
            for number, outputs in enumerate(slices):
                while number and random.random() < self.pace:
                    ctx.set(dut.shift, 0)
                    await ctx.tick()
                shown = (ctx.get(dut.valid), ctx.get(dut.teach), ctx.get(dut.learn), ctx.get(dut.at))
                assert shown == (1, teach, learn, at), "a lesson that has begun stays"
                desired = ctx.get(dut.desired)
                wanted = self.wanted[sample][step]
                assert [desired >> place & 1 for place in range(len(outputs))] == [wanted[j] for j in outputs]
                ctx.set(dut.shift, 1)
                ctx.set(dut.consumed, number == len(slices) - 1)
                await ctx.tick()
            self._consume(sample, step, teach)

    def _whose(self, step, slot):
        """The sample in a slot: the oldest that has lessons left."""
        sample = next(sample for sample in range(slot, SAMPLES, self.shape.slots) if not self._is_done(sample))
        assert step == self.steps - 1 - len(self.taken[sample]), "from the last step to the first"
        return sample, step

    def _consume(self, sample, step, teach):
        if step < self.steps - 1:
            self.waiting -= 1
            assert (sample, step) == self.asked[sum(len(taken[1:]) for taken in self.taken)][:2], "as asked for"
        self.taken[sample].append(step)
        if teach and step:
            self.waiting += 1
            self.most_waiting = max(self.most_waiting, self.waiting)
            self.asked.append((sample, step - 1, self.bench.cycle + self.bench.random.randint(1, self.latency)))

    def run(self):
        self.bench.run(lambda: self.finished)


@settings(max_examples=40)
@given(
    geometry=geometries(),
    width=st.integers(1, 9),
    latency=st.sampled_from([3, 30]),
    pace=st.sampled_from([0.0, 0.5]),
    seed=st.integers(0, 99),
)
def test_every_lesson_at_its_step(bench, geometry, width, latency, pace, seed):
    shape, gamma, _ = geometry
    setup = Setup(bench, *geometry, width, latency=latency, pace=pace, seed=seed)
    setup.run()
    assert setup.most_waiting <= lessons_together(shape, gamma)
