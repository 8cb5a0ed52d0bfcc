"""Group winners, and the rows whose gate is open, against a loop over the outputs."""

from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.backward.winner import WINNERS_WAITING, WinnerSearch, search_latency
from bephw.shape import LayerShape
from tests.rtl_gen.backward.geometries import geometries


def winners_of(outcomes, desired, gamma):
    """Section 4: in each group the output with a* z < 0 whose |z| is smallest, the lowest index among equals."""
    chosen = []
    for start in range(0, len(outcomes), gamma):
        wrong = [
            (outcomes[j]["magnitude"], j)
            for j in range(start, start + gamma)
            if outcomes[j]["magnitude"] > 0 and outcomes[j]["active"] != desired[j]
        ]
        if wrong:
            chosen.append(min(wrong)[1])
    return chosen


class Setup:
    """Samples with random outcomes in front of a search; |z| is at most `spread`."""

    def __init__(self, bench, shape, gamma, *, samples=8, spread=99, pause=0.0, teach=0.8, list_stall=0.0, seed=0):
        self.dut = dut = WinnerSearch(shape, gamma)
        self.bench = b = bench(dut, seed)
        self.shape, self.gamma, self.slices = shape, gamma, shape.slices(gamma)
        self.magnitudes = range(shape.inputs % 2, min(spread, shape.inputs) + 1, 2)
        self.samples = [self._sample(teach) for _ in range(samples)]
        self.done = b.memory(dut.outcomes, [self._record(outcomes) for outcomes, *_ in self.samples])
        self.pause, self.list_stall = pause, list_stall
        self.valid, self.slice = False, 0
        self.consumed, self.closed, self.opened, self.begun, self.busy = [], [], [], 0, 0
        self.shifted = []
        b.watch([dut.shift, dut.consumed, dut.open_start, dut.list_free], self._drive)
        b.watch(
            [dut.open_push, dut.open_row, dut.open_desired, dut.open_close, dut.open_teach, dut.open_learn], self._open
        )
        b.watch([dut.busy], self._count)

    def _outcome(self):
        generator = self.bench.random
        magnitude = generator.choice(self.magnitudes)
        active = 1 if magnitude == 0 else generator.randrange(2)
        return {"active": active, "open": generator.randrange(2), "magnitude": magnitude}

    def _sample(self, teach):
        generator, outputs = self.bench.random, range(self.shape.outputs)
        desired = [generator.randrange(2) for _ in outputs]
        return [self._outcome() for _ in outputs], desired, int(generator.random() < teach), generator.randrange(2)

    def _record(self, outcomes):
        """By beats; what is beyond a beat's last output is not to be looked at."""
        return [
            [outcomes[j] for j in beat] + [self._outcome() for _ in range(self.shape.scan - len(beat))]
            for beat in self.shape.all_beats()
        ]

    def _drive(self, shift, consumed, start, free):
        dut, generator = self.dut, self.bench.random
        assert not start or (free and self.begun == len(self.consumed))
        assert not (shift or consumed) or self.valid
        self.begun += start
        self.slice += shift
        if shift:
            self.shifted.append(self.bench.cycle)
        if consumed:
            assert self.slice == (len(self.slices) if self.samples[len(self.consumed)][2] else 1)
            self.consumed.append(self.bench.cycle)
            self.valid, self.slice = False, 0
        left = len(self.consumed) < len(self.samples)
        self.valid = left and (self.valid or generator.random() >= self.pause)
        _, desired, teach, learn = self.samples[min(len(self.consumed), len(self.samples) - 1)]
        bits = generator.getrandbits(len(dut.desired))
        for position, j in enumerate(self.slices[min(self.slice, len(self.slices) - 1)]):
            bits = bits & ~(1 << position) | desired[j] << position
        return [
            (dut.lesson_valid, self.valid),
            (dut.lesson_teach, teach),
            (dut.lesson_learn, learn),
            (dut.desired, bits),
            (dut.list_free, generator.random() >= self.list_stall),
        ]

    def _open(self, push, row, desired, close, teach, learn):
        first = row["group"] * self.shape.rows + row["bank"]
        for position in range(self.shape.slice_width(self.gamma)):
            if push >> position & 1:
                self.opened.append((first + position, desired >> position & 1))
        if close:
            self.closed.append((self.opened, teach, learn))
            self.opened = []

    def _count(self, busy):
        self.busy += busy

    def run(self, stall=0.0):
        sink = self.bench.sink(self.dut.winners, stall)
        self.bench.run(lambda: sum(beat["end"] for beat in sink.beats) == len(self.samples), rest=5)
        return sink

    def check(self, beats):
        """Everything that left, of all samples, and nothing else."""
        expected_beats, expected_lists = [], []
        for outcomes, desired, teach, learn in self.samples:
            expected_beats.append(
                ([(j, desired[j]) for j in winners_of(outcomes, desired, self.gamma)] if teach else [], learn)
            )
            opened = [(j, desired[j]) for j, outcome in enumerate(outcomes) if outcome["open"]] if teach else []
            expected_lists.append((opened, teach, learn))
        assert self._by_sample(beats) == expected_beats
        assert self.closed == expected_lists
        assert self.opened == []
        assert self.begun == len(self.consumed) == self.done[0] == len(self.samples)
        assert self.busy == sum(teach for *_, teach, _ in self.samples) * len(self.slices)

    def _by_sample(self, beats):
        samples, rows = [], []
        for beat in beats:
            assert beat["present"] or beat["end"]
            if beat["present"]:
                rows.append((beat["row"]["group"] * self.shape.rows + beat["row"]["bank"], beat["desired"]))
            if beat["end"]:
                samples.append((rows, beat["learn"]))
                rows = []
        assert rows == []
        return samples


@settings(max_examples=40)
@given(
    geometry=geometries(),
    spread=st.sampled_from([2, 5, 99]),
    pause=st.sampled_from([0.0, 0.5]),
    list_stall=st.sampled_from([0.0, 0.5]),
    stall=st.sampled_from([0.0, 0.5, 0.9]),
    seed=st.integers(0, 99),
)
def test_winners_and_open_rows(bench, geometry, spread, pause, list_stall, stall, seed):
    setup = Setup(bench, *geometry, spread=spread, pause=pause, list_stall=list_stall, seed=seed)
    setup.check(setup.run(stall).beats)


NAMED = [  # inputs, outputs, rows, columns, gamma
    (784, 255, 16, 64, 51),
    (784, 255, 16, 64, 1),
    (255, 255, 16, 64, 51),
    (64, 96, 32, 16, 4),
    (64, 96, 32, 16, 96),
    (7, 60, 12, 8, 5),
    (7, 12, 12, 8, 12),
    (1, 1, 1, 1, 1),
]


@pytest.mark.parametrize(("inputs", "outputs", "rows", "columns", "gamma"), NAMED)
def test_named_geometries(bench, inputs, outputs, rows, columns, gamma):
    setup = Setup(bench, LayerShape(0, inputs, outputs, rows, columns, 1), gamma, samples=5)
    setup.check(setup.run(0.2).beats)


@pytest.mark.parametrize(("inputs", "spread"), [(7, 1), (8, 0), (8, 2), (7, 3)])
@pytest.mark.parametrize(("rows", "gamma"), [(2, 4), (12, 4), (12, 12), (5, 6)])
def test_ties_and_zeros(bench, inputs, spread, rows, gamma):
    """Equal |z| everywhere; z = 0 everywhere, when nothing wins; and mixtures."""
    setup = Setup(bench, LayerShape(0, inputs, 12, rows, 4, 1), gamma, samples=12, spread=spread, teach=1.0)
    beats = setup.run().beats
    setup.check(beats)
    if spread == 0:
        assert not any(beat["present"] for beat in beats)


def test_a_sample_waits_for_a_free_list(bench):
    dut = WinnerSearch(LayerShape(0, 7, 4, 2, 4, 1), 2)
    b = bench(dut)
    for signal in (dut.lesson_valid, dut.lesson_teach):
        b.set(signal, 1)
    outputs = [dut.busy, dut.shift, dut.consumed, dut.open_start, dut.open_close, dut.winners.valid]
    b.watch(outputs, lambda *values: pytest.fail() if any(values) else None)
    b.run(30)


@pytest.mark.parametrize(("inputs", "outputs", "rows", "columns", "gamma"), NAMED)
@pytest.mark.parametrize("teach", [0.0, 0.5, 1.0])
def test_throughput(bench, inputs, outputs, rows, columns, gamma, teach):
    """A slice a cycle, a sample that does not teach 1 cycle, and none in between."""
    shape = LayerShape(0, inputs, outputs, rows, columns, 1)
    setup = Setup(bench, shape, gamma, teach=teach, seed=3)
    setup.check(setup.run().beats)
    periods = [later - earlier for earlier, later in pairwise(setup.consumed)]
    assert periods == [len(shape.slices(gamma)) if teach else 1 for _, _, teach, _ in setup.samples[1:]]


@pytest.mark.parametrize(("inputs", "outputs", "rows", "columns", "gamma"), NAMED)
def test_latency(bench, inputs, outputs, rows, columns, gamma):
    shape = LayerShape(0, inputs, outputs, rows, columns, 1)
    setup = Setup(bench, shape, gamma, samples=1, teach=1.0)
    sink = setup.run()
    setup.check(sink.beats)
    ends = [index for index, outputs in enumerate(shape.slices(gamma)) if any((j + 1) % gamma == 0 for j in outputs)]
    outcomes, desired, *_ = setup.samples[0]
    groups = [j // gamma for j in winners_of(outcomes, desired, gamma)]
    expected = [setup.shifted[ends[group]] for group in groups] + [setup.shifted[-1]]
    shown = [cycle - search_latency(shape, gamma) for cycle in sink.cycles]
    assert shown == [cycle for cycle, _ in groupby(expected)]


def test_the_search_runs_ahead_of_the_updates(bench):
    """With nobody to take winners, as many as the queue holds do not stop it."""
    shape = LayerShape(0, 7, 32, 4, 4, 1)
    setup = Setup(bench, shape, 16, samples=3, teach=1.0)
    setup.bench.run(3 * len(shape.slices(16)) + 20)
    assert len(setup.consumed) == 3

    setup = Setup(bench, shape, 1, samples=3, spread=1, teach=1.0)
    setup.bench.run(100)
    assert len(setup.consumed) < 3
    assert len(setup.shifted) > WINNERS_WAITING
