"""Lessons from above and from the cell itself: whose turn it is, and which step each belongs to."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.recurrent.lesson_turns import MOST, LessonTurns, lessons_together
from bephw.shape import LayerShape

SAMPLES = 20


class Setup:
    """Samples that teach, or do not, with lessons of up to 3 shifts; own lessons come, in the order in which they were
    asked for, within `latency` cycles. Who takes lessons pauses now and then."""

    def __init__(self, bench, most, steps, *, slots=5, latency=9, teach=0.7, together=MOST, seed=0):
        self.dut = dut = LessonTurns(LayerShape(0, 2, 1, 1, 1, 1, most, slots), together)
        self.bench = b = bench(dut, seed)
        self.steps, self.slots, self.latency, self.together = steps, slots, latency, together
        self.teaching = [int(b.random.random() < teach) for _ in range(SAMPLES)]
        self.started = 0  # samples whose lesson from above was consumed
        self.asked = []  # (sample, step, cycle in which its lesson comes)
        self.consumed = []  # (own, sample, step)
        self.left = 0  # shifts of the lesson that has begun
        self.most_asked = 0
        self.shown = None
        b.set(dut.steps, steps)

    @property
    def finished(self):
        return self.started == SAMPLES and not self.asked

    async def play(self, ctx):
        dut, random = self.dut, self.bench.random
        while not self.finished:
            ctx.set(dut.above_valid, above := self.started < SAMPLES and (bool(self.left) or random.random() < 0.8))
            ctx.set(dut.own_valid, own := bool(self.asked) and self.asked[0][2] <= self.bench.cycle)
            valid, is_own = ctx.get(dut.valid), bool(ctx.get(dut.own))
            assert bool(valid) == (own or bool(above and (len(self.asked) < self.together or self.left)))
            shift = bool(valid) and random.random() < 0.7
            if not self.left:
                assert not valid or is_own == own, "own lessons first"
                length = random.randrange(1, 4)
            else:
                assert is_own == self.shown, "a lesson stays until it is consumed"
                length = self.left
            sample, step = self.asked[0][:2] if is_own else (self.started, self.steps - 1)
            teach = 1 if is_own else self.teaching[min(sample, SAMPLES - 1)]
            if valid:
                at = ctx.get(dut.at)
                assert (at["step"], at["slot"]) == (step, sample % self.slots)
            ctx.set(dut.teach, teach)
            ctx.set(dut.shift, shift)
            ctx.set(dut.consumed, ends := shift and length == 1)
            if shift:
                self.left, self.shown = length - 1, is_own
            await ctx.tick()
            if ends:
                self._consume(is_own, sample, step, teach)

    def _consume(self, own, sample, step, teach):
        self.consumed.append((own, sample, step))
        if own:
            self.asked.pop(0)
        else:
            self.started += 1
        if teach and step:
            comes = self.bench.cycle + self.bench.random.randrange(2, self.latency)
            self.asked.append((sample, step - 1, max([comes, *(one[2] for one in self.asked)])))
        self.most_asked = max(self.most_asked, len(self.asked))

    def run(self):
        self.bench.process(self.play)
        self.bench.run(lambda: self.finished)


@settings(max_examples=40)
@given(
    lengths=st.integers(1, 9).flatmap(lambda most: st.tuples(st.just(most), st.integers(1, most))),
    slots=st.integers(1, 9),
    latency=st.integers(3, 40),
    together=st.integers(1, MOST),
    teach=st.sampled_from([0.0, 0.5, 1.0]),
    seed=st.integers(0, 99),
)
def test_every_step_of_every_sample(bench, lengths, slots, latency, together, teach, seed):
    most, steps = lengths
    setup = Setup(bench, most, steps, slots=slots, latency=latency, together=together, teach=teach, seed=seed)
    setup.run()
    for sample, teach in enumerate(setup.teaching):
        own = [(True, sample, step) for step in reversed(range(steps - 1))] if teach else []
        assert [one for one in setup.consumed if one[1] == sample] == [(False, sample, steps - 1), *own]


def test_samples_wait_together(bench):
    """As many as may, and no more."""
    setup = Setup(bench, 4, 4, latency=30, teach=1)
    setup.run()
    assert setup.most_asked == MOST


def test_one_at_a_time_where_its_lesson_is_done_in_time():
    slow = LayerShape(0, 48, 24, 1, 4, 1, 4, 8)  # 288 cycles a step
    assert lessons_together(slow, 4) == 1
    assert lessons_together(LayerShape(0, 48, 24, 12, 12, 1, 4, 8), 4) == MOST  # 8
    assert lessons_together(LayerShape(0, 48, 24, 12, 12, 1, 4, 2), 4) == 2
